import { byId, element } from './elements.mjs';
import { formatShare, labelOf, summarize } from './result.mjs';

/** @import { Attempt } from './result.mjs' */

const MAX_ATTEMPTS = 24;

const section = byId('history');
const list = section.querySelector('ol');

/** @type {{ attempt: Attempt, item: HTMLLIElement }[]} */
const entries = [];

/**
 * Adds an attempt that has its answer, the newest first.
 *
 * @param {Attempt} attempt
 * @param {string | undefined} thumbnail object URL
 * @param {(attempt: Attempt) => void} onChoose
 */
export function addToHistory(attempt, thumbnail, onChoose) {
  const button = element('button', { type: 'button', 'aria-label': summarize(attempt) });
  const picture =
    thumbnail !== undefined
      ? element('img', { src: thumbnail, alt: '' })
      : attempt.array === undefined
        ? 'no preview'
        : element('code', {}, attempt.name);
  const [top, detail] = captions(attempt);
  button.append(
    element('span', { class: 'picture' }, picture),
    element('span', { class: 'top' }, top),
    element('span', { class: 'quiet' }, detail),
  );
  button.classList.toggle('failed', attempt.answer !== undefined && 'problem' in attempt.answer);
  button.addEventListener('click', () => {
    onChoose(attempt);
  });
  const item = element('li', {}, button);
  entries.unshift({ attempt, item });
  list?.prepend(item);
  section.hidden = false;
  for (const dropped of entries.splice(MAX_ATTEMPTS)) {
    dropped.item.remove();
    for (const { src } of dropped.item.querySelectorAll('img')) {
      URL.revokeObjectURL(src);
    }
    URL.revokeObjectURL(dropped.attempt.picture ?? '');
  }
}

/**
 * Marks the attempt that the page shows.
 *
 * @param {Attempt} shown
 */
export function markCurrent(shown) {
  for (const { attempt, item } of entries) {
    const button = item.querySelector('button');
    if (attempt === shown) {
      button?.setAttribute('aria-current', 'true');
    } else {
      button?.removeAttribute('aria-current');
    }
  }
}

/**
 * @param {Attempt} attempt
 * @returns {[string, string]}
 */
function captions({ name, answer }) {
  if (!answer || 'problem' in answer) {
    return ['not scored', name];
  }
  const [top] = answer.classes ?? [];
  return top ? [labelOf(top), formatShare(top, answer)] : [name, 'answered'];
}
