import { byId } from './elements.mjs';

const region = byId('announcer');

/**
 * Has a screen reader say what the page shows.
 *
 * @param {string} text
 */
export function announce(text) {
  region.textContent = text;
}
