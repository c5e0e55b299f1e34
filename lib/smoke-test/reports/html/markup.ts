import type { SmokeTestCheck } from '../../smoke-test-report';

/** HTML that is inserted into a page without escaping. */
export class Markup {
  constructor(readonly html: string) {}
}

type Part = Markup | string | number | undefined | readonly Markup[];

/** Template tag that escapes every value except `Markup`. `undefined` produces nothing. */
export function markup(strings: TemplateStringsArray, ...values: Part[]): Markup {
  return new Markup(strings.reduce((html, string, index) => html + render(values[index - 1]) + string));
}

/** Escapes text for an element or a quoted attribute, and replaces characters that HTML does not allow. */
function escapeHtml(text: string): string {
  // eslint-disable-next-line no-control-regex -- the pattern matches control characters
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

const MARKS = {
  passed: ['pass', '✓', 'passed'],
  failed: ['fail', '✗', 'failed'],
  skipped: ['quiet', '–', 'skipped'],
  'not-run': ['quiet', '·', 'not run'],
} as const;

/** Draws an outcome as a symbol, and as a word for screen readers. */
export function mark(outcome: SmokeTestCheck['outcome']): Markup {
  const [color, sign, word] = MARKS[outcome];
  return markup`<span class="mark ${color}" aria-hidden="true">${sign}</span><span class="hidden">${word}: </span>`;
}

/**
 * Draws a bar as SVG, which needs no style attribute (the page's policy forbids them) and prints with default settings.
 * @param from start, 0 to 1
 * @param share length, 0 to 1
 */
export function bar(from: number, share: number): Markup {
  return markup`<svg class="bar" aria-hidden="true"><rect class="track" width="100%" height="100%" rx="3"/><rect class="fill" x="${percent(from)}" width="${percent(share)}" height="100%" rx="3"/></svg>`;
}

function percent(share: number): string {
  // A broken model may return any number.
  const bounded = Number.isNaN(share) ? 0 : Math.min(Math.max(share, 0), 1);
  return `${Number((bounded * 100).toFixed(2))}%`;
}
