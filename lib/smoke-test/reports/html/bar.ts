import { markup, type Markup } from './markup';

/**
 * A bar as SVG: it needs no style attribute, which the page's policy forbids, and is printed without a setting.
 * @param from where it begins, 0 to 1
 * @param share how long it is, 0 to 1
 */
export function bar(from: number, share: number): Markup {
  return markup`<svg class="bar" aria-hidden="true"><rect class="track" width="100%" height="100%" rx="3"/><rect class="fill" x="${percent(from)}" width="${percent(share)}" height="100%" rx="3"/></svg>`;
}

function percent(share: number): string {
  // What a broken model answers must not break the drawing.
  const bounded = Number.isNaN(share) ? 0 : Math.min(Math.max(share, 0), 1);
  return `${Number((bounded * 100).toFixed(2))}%`;
}
