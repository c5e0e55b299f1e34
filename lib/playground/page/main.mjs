import { announce } from './announcer.mjs';
import { drawMetrics } from './charts.mjs';
import { byId } from './elements.mjs';
import { addToHistory, markCurrent } from './history.mjs';
import { drawAttempt, summarize } from './result.mjs';
import { followStatus, scoreArray, scoreImage } from './server.mjs';
import { drawService, formatShape } from './service-panel.mjs';
import { thumbnailOf } from './thumbnail.mjs';

/**
 * @import { ModelInput, PredictionAnswer } from '../protocol'
 * @import { Attempt } from './result.mjs'
 */

/** Length of an array's beginning that names it. */
const MAX_NAME_LENGTH = 40;
/** Larger inputs make the text field slow. */
const MAX_ZEROS = 200_000;

const files = /** @type {HTMLInputElement} */ (byId('files'));
const array = /** @type {HTMLTextAreaElement} */ (byId('array'));
const zeros = byId('zeros');
const result = byId('result');

/** Answer to an image for a model that takes arrays. */
const NO_IMAGES = {
  problem: {
    code: 'INVALID_INPUT',
    message: 'this model has no image stage; score the pixels as an array instead',
  },
};

/** Images are scored one after the other, so that the latency is that of one call. */
let queue = Promise.resolve();

/** @param {Attempt} attempt */
function show(attempt) {
  document.body.classList.add('tried');
  result.setAttribute('aria-busy', String(!attempt.answer));
  result.replaceChildren(drawAttempt(attempt));
  markCurrent(attempt);
}

/**
 * Shows an attempt of the history, with its array in the field, where it can be changed.
 *
 * @param {Attempt} chosen
 */
function showAgain(chosen) {
  show(chosen);
  if (chosen.array !== undefined) {
    array.value = chosen.array;
  }
}

/**
 * @param {string} name
 * @param {File | undefined} file
 * @param {() => Promise<PredictionAnswer>} score
 * @param {string} [json] the array, unless a file is scored
 */
function attempt(name, file, score, json) {
  queue = queue.then(async () => {
    const picture = file && URL.createObjectURL(file);
    show({ name, picture, answer: undefined });
    const answer = await score();
    const answered = { name, picture, answer, ...(json !== undefined && { array: json }) };
    addToHistory(answered, file && (await thumbnailOf(file)), showAgain);
    show(answered);
    announce(summarize(answered));
  });
}

/** @param {Iterable<File>} chosen */
function scoreFiles(chosen) {
  for (const file of chosen) {
    attempt(file.name, file, () =>
      byId('image-input').hidden ? Promise.resolve(NO_IMAGES) : scoreImage(file),
    );
  }
}

files.addEventListener('change', () => {
  scoreFiles([...(files.files ?? [])]);
  // The same file can be chosen again.
  files.value = '';
});

document.addEventListener('paste', (event) => {
  scoreFiles(event.clipboardData?.files ?? []);
});

// The whole page takes images: a browser would leave the page and show the file that misses a smaller target.
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('dragging');
});
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) {
    document.body.classList.remove('dragging');
  }
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dragging');
  scoreFiles(event.dataTransfer?.files ?? []);
});

byId('array-input').addEventListener('submit', (event) => {
  event.preventDefault();
  const json = array.value;
  attempt(beginningOf(json), undefined, () => scoreArray(json), json);
});

/**
 * @param {string} json
 * @returns {string}
 */
function beginningOf(json) {
  const line = json
    .slice(0, 4 * MAX_NAME_LENGTH)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > MAX_NAME_LENGTH ? `${line.slice(0, MAX_NAME_LENGTH)}…` : line || 'empty input';
}

/** @type {readonly number[]} */
let single = [];

zeros.addEventListener('click', () => {
  array.value = JSON.stringify(filled(single));
  array.focus();
});

/**
 * @param {readonly number[]} shape
 * @returns {unknown}
 */
function filled([size, ...inner]) {
  return size === undefined ? 0 : Array.from({ length: size }, () => filled(inner));
}

/** @param {ModelInput} input */
function offer(input) {
  const takesArray = input.kind === 'array';
  byId('image-input').hidden = takesArray;
  byId('array-input').hidden = !takesArray;
  if (takesArray) {
    single = input.shape.slice(1).map((size) => Math.max(size, 1));
    zeros.hidden = single.reduce((product, size) => product * size, 1) > MAX_ZEROS;
    byId('array-name').textContent = input.name;
    byId('array-hint').textContent =
      `One input of shape ${formatShape(input.shape.slice(1))} as JSON, nested or as a flat list of numbers.`;
  }
}

await followStatus((status) => {
  drawService(status?.service);
  if (status?.service.model) {
    offer(status.service.model.input);
  }
  if (status) {
    drawMetrics(status.metrics);
  }
});
