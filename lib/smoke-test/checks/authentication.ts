import { UnauthenticatedError, UnexpectedResponseError } from '../../errors/prediction-errors';
import { SmokeTestError } from '../smoke-test-error';
import type { ScoringProtocol } from '../protocol/scoring-protocol';
import type { Check } from './check';

/** No key of ours has this form: ours are 43 letters, digits, `-` and `_`. */
const WRONG_KEY = 'smoke-test.wrong-key';

/** Whether the key is accepted, and calls without it refused. */
export const authentication: Check = {
  name: 'authentication',
  async run({ target: { tls, key }, scoring, options: { signal } }) {
    if (!tls) {
      return {
        skipped: 'TLS is off, and keys are checked under TLS alone: anybody who reaches the address can call',
      };
    }
    await scoring.callWithKey(key, signal);
    if (key === undefined) {
      return { skipped: 'no key is asked for: anybody who reaches the address can call' };
    }
    await requireRefusal(scoring, undefined, 'a call without a key', signal);
    await requireRefusal(scoring, WRONG_KEY, 'a call with a wrong key', signal);
    return 'the key is accepted; calls without a key and with a wrong one are refused';
  },
};

async function requireRefusal(
  scoring: ScoringProtocol,
  key: string | undefined,
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await scoring.callWithKey(key, signal);
  } catch (error) {
    if (error instanceof UnauthenticatedError) {
      return;
    }
    // The call with the right key was answered: what is said of this one must not seem to be said of that one.
    if (error instanceof UnexpectedResponseError || error instanceof SmokeTestError) {
      throw new SmokeTestError(
        'EXPECTATION_FAILED',
        `${what} was not refused for its key: ${error.finding}`,
        { remedy: 'see what answers such a call: the service, or a gateway before it', cause: error },
      );
    }
    throw error;
  }
  throw new SmokeTestError(
    'AUTHENTICATION_OPEN',
    `${what} was answered, expected that it is refused: the service does not check keys`,
    { remedy: 'see that its keys are set' },
  );
}
