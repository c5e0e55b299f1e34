import { parseBaseline } from '../../../lib/smoke-test/baseline-file';
import { SmokeTestError } from '../../../lib/smoke-test/smoke-test-error';
import { refusesWith } from '../refusal';

/** A baseline holds earlier answers, or is refused. */
export async function fuzz(data: Buffer): Promise<void> {
  await refusesWith([SmokeTestError], () => parseBaseline(data.toString('utf8'), 'baseline.json'));
}
