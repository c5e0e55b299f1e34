import { SmokeTestError } from '../../../lib/smoke-test/smoke-test-error';
import { parseSmokeTestFile } from '../../../lib/smoke-test/smoke-test-file';
import { refusesWith } from '../refusal';

/** A smoke test's file is one, or is refused naming it. */
export async function fuzz(data: Buffer): Promise<void> {
  await refusesWith([SmokeTestError], () => parseSmokeTestFile(data.toString('utf8'), 'smoke-test.json'));
}
