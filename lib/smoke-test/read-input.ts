import { readFile } from 'node:fs/promises';

import { SmokeTestError } from './smoke-test-error';

/** @throws SmokeTestError SMOKE_TEST_INPUT */
export async function readInput(what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new SmokeTestError(
      'SMOKE_TEST_INPUT',
      `cannot read the ${what} ${file} (${String((error as NodeJS.ErrnoException).code)})`,
      { cause: error },
    );
  }
}
