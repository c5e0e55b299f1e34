/** Control characters, and those that change the direction or the line of what is around them. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** What terminals draw two columns wide: East Asian scripts, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/**
 * What came from elsewhere, such as a label, a host name or a server's message, with nothing in it that a terminal
 * obeys: a question mark stands for each such character, a space for a line break.
 */
export function printable(text: string): string {
  return text.replace(/\s*\r?\n\s*/g, ' ').replace(UNPRINTABLE, '?');
}

/** How many columns a printable text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    columns += columnsOfCharacter(character);
  }
  return columns;
}

/** The text in at most so many columns, with an ellipsis where something is missing. */
export function truncate(text: string, columns: number): string {
  if (columnsOf(text) <= columns) {
    return text;
  }
  let left = columns - 1;
  let kept = '';
  for (const character of text) {
    left -= columnsOfCharacter(character);
    if (left < 0) {
      break;
    }
    kept += character;
  }
  return columns > 0 ? `${kept}…` : '';
}

function columnsOfCharacter(character: string): number {
  return WIDE.test(character) ? 2 : 1;
}
