import { SmokeTestError } from '../../../lib/smoke-test/smoke-test-error';
import { findTargetInOutputs } from '../../../lib/smoke-test/target-from-outputs';
import { refusesWith } from '../refusal';

/** A stack's outputs hold a target, or are refused. */
export async function fuzz(data: Buffer): Promise<void> {
  const text = data.toString('utf8');
  await refusesWith([SmokeTestError], () => findTargetInOutputs(text, 'outputs.json'));
  await refusesWith([SmokeTestError], () => findTargetInOutputs(text, 'outputs.json', text.slice(0, 8)));
}
