import { element } from './elements.mjs';

/**
 * @import { Classification } from '../../client/classification'
 * @import { OutputDescription, PredictionAnswer, PredictionResult } from '../protocol'
 */

/**
 * @typedef {object} Attempt What was tried, and the answer.
 * @property {string} name of the file, or the beginning of the array
 * @property {string} [array] the array as JSON
 * @property {string | undefined} picture object URL of the image
 * @property {PredictionAnswer | undefined} answer undefined until it has arrived
 */

/**
 * Draws an attempt: the image, and its classes as bars.
 *
 * @param {Attempt} attempt
 * @returns {HTMLElement}
 */
export function drawAttempt({ name, picture, answer }) {
  const text = element('div', {}, ...describe(name, answer));
  const shown = element('div', { class: 'result' }, text);
  if (picture === undefined) {
    shown.classList.add('plain');
    return shown;
  }
  const image = element('img', { src: picture, alt: name });
  image.addEventListener('error', () => {
    image.remove();
    shown.classList.add('plain');
  });
  shown.prepend(image);
  return shown;
}

/**
 * Says an attempt in one sentence.
 *
 * @param {Attempt} attempt
 * @returns {string}
 */
export function summarize({ name, answer }) {
  if (!answer) {
    return `${name}: scoring`;
  }
  if ('problem' in answer) {
    return `${name}: ${answer.problem.message}`;
  }
  const [top] = answer.classes ?? [];
  return top
    ? `${name}: ${labelOf(top)}, ${formatShare(top, answer)}, ${formatMs(answer.latencyMs)}`
    : `${name}: answered in ${formatMs(answer.latencyMs)}`;
}

/**
 * @param {Classification} classification
 * @returns {string}
 */
export function labelOf({ label, classIndex }) {
  return label ?? `class ${classIndex}`;
}

/**
 * Formats a probability. Numbers that are not probabilities stay as they are.
 *
 * @param {Classification} classification
 * @param {PredictionResult} result
 * @returns {string}
 */
export function formatShare({ probability }, { classes = [] }) {
  // JSON has no NaN.
  if (typeof probability !== 'number') {
    return 'not a number';
  }
  const arePercents = classes.every((each) => each.probability >= 0 && each.probability <= 1.001);
  return arePercents ? `${(probability * 100).toFixed(1)} %` : String(Number(probability.toPrecision(5)));
}

/**
 * @param {string} name
 * @param {PredictionAnswer | undefined} answer
 * @returns {HTMLElement[]}
 */
function describe(name, answer) {
  if (!answer) {
    return [element('h3', {}, 'Scoring…'), element('p', { class: 'about' }, name)];
  }
  if ('problem' in answer) {
    return [
      element('h3', {}, 'Not scored'),
      element('p', { class: 'about' }, name),
      element('p', { class: 'note failed' }, answer.problem.message),
    ];
  }
  const { classes, outputs, latencyMs, warning } = answer;
  const [top] = classes ?? [];
  return [
    element('h3', {}, top ? labelOf(top) : 'Answer'),
    element('p', { class: 'about' }, `${name} · ${formatMs(latencyMs)}`),
    top ? drawClasses(answer) : drawOutputs(outputs),
    ...(warning === undefined ? [] : [element('p', { class: 'note' }, warning)]),
  ];
}

/**
 * @param {PredictionResult} result
 * @returns {HTMLElement}
 */
function drawClasses(result) {
  const items = (result.classes ?? []).map((classification) => {
    const fill = element('div', { class: 'fill' });
    const share = Math.min(Math.max(classification.probability, 0), 1);
    fill.style.width = `${share * 100}%`;
    return element(
      'li',
      {},
      element('span', { class: 'label' }, labelOf(classification)),
      element('span', { class: 'share' }, formatShare(classification, result)),
      element('div', { class: 'track', 'aria-hidden': 'true' }, fill),
    );
  });
  return element('ol', { class: 'classes' }, ...items);
}

/**
 * @param {readonly OutputDescription[]} outputs
 * @returns {HTMLElement}
 */
function drawOutputs(outputs) {
  const head = ['Output', 'Shape', 'First numbers'].map((text) => element('th', { scope: 'col' }, text));
  const rows = outputs.map(({ name, shape, values }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      element('td', {}, `[${shape.join(', ')}]`),
      element('td', {}, values.map((value) => Number(value.toPrecision(4))).join(', ')),
    ),
  );
  return element(
    'table',
    { class: 'outputs' },
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows),
  );
}

/**
 * @param {number} ms
 * @returns {string}
 */
function formatMs(ms) {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en')} ms`;
}
