/** HTML that may be put into a page as it is. */
export class Markup {
  constructor(readonly html: string) {}
}

type Part = Markup | string | number | undefined | readonly Markup[];

/** Writes HTML in which every value is text, unless it is `Markup` itself; `undefined` is nothing. */
export function markup(strings: TemplateStringsArray, ...values: Part[]): Markup {
  return new Markup(strings.reduce((html, string, index) => html + render(values[index - 1]) + string));
}

/** Text as HTML has it, in an element or in a quoted attribute; what it cannot hold is replaced. */
function escapeHtml(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const allowed = text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '\ufffd');
  return allowed.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function render(value: Part): string {
  if (value === undefined) {
    return '';
  }
  if (typeof value === 'string' || typeof value === 'number') {
    return escapeHtml(String(value));
  }
  return value instanceof Markup ? value.html : value.map(({ html }) => html).join('');
}
