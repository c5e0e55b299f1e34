/** Control characters, and characters that change the direction or line of the surrounding text. */
// eslint-disable-next-line no-control-regex -- control characters are what the pattern is for
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** Characters that are two columns wide on terminals: East Asian scripts, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/**
 * Makes untrusted text, such as a label, a host name or a server's message, safe to print: control characters become
 * question marks and line breaks become spaces.
 */
export function printable(text: string): string {
  return text.replace(/\s*\r?\n\s*/g, ' ').replace(UNPRINTABLE, '?');
}

/** Returns the width of a printable text in columns. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    columns += columnsOfCharacter(character);
  }
  return columns;
}

/** Truncates a text to a number of columns, with an ellipsis in place of the rest. */
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
