/** @import { PredictionAnswer, StatusAnswer } from '../protocol' */

const INTERVAL_MS = 2_000;

/** The command that serves this page does not answer. */
const ENDED = {
  code: 'PLAYGROUND_ENDED',
  message:
    'the playground has ended; run npx cdktf-brainwave playground again and open the address that it prints',
};

/**
 * Sends an image to the service.
 *
 * @param {Blob} file
 * @returns {Promise<PredictionAnswer>}
 */
export function scoreImage(file) {
  return post('api/image', file);
}

/**
 * Sends an array to the service.
 *
 * @param {string} json
 * @returns {Promise<PredictionAnswer>}
 */
export function scoreArray(json) {
  return post('api/array', json);
}

/**
 * Asks for the status again and again.
 *
 * @param {(status: StatusAnswer | undefined) => void} onStatus receives undefined if the playground has ended
 * @returns {Promise<never>}
 */
export async function followStatus(onStatus) {
  for (;;) {
    onStatus(await readStatus());
    await new Promise((resolve) => {
      setTimeout(resolve, INTERVAL_MS);
    });
  }
}

/** @returns {Promise<StatusAnswer | undefined>} */
async function readStatus() {
  try {
    const response = await fetch('api/status');
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} path
 * @param {Blob | string} body
 * @returns {Promise<PredictionAnswer>}
 */
async function post(path, body) {
  try {
    const response = await fetch(path, { method: 'POST', body });
    return response.ok ? await response.json() : { problem: ENDED };
  } catch (error) {
    // A browser rejects a file that was deleted or changed since it was chosen like a lost connection.
    return (await readStatus())
      ? { problem: { code: 'FILE', message: `the file cannot be sent (${String(error)}); choose it again` } }
      : { problem: ENDED };
  }
}
