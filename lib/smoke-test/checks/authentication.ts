import { UnauthenticatedError, UnexpectedResponseError } from '../../errors/prediction-errors';
import { SmokeTestError } from '../smoke-test-error';
import type { ScoringProtocol } from '../protocol/scoring-protocol';
import type { Check } from './check';

/** An invalid key. Generated keys have another form: 43 letters, digits, `-` and `_`. */
const WRONG_KEY = 'smoke-test.wrong-key';

/** Checks that the key is accepted and that calls without a valid key are rejected. */
export const authentication: Check = {
  name: 'authentication',
  async run({ target: { tls, key }, scoring, options: { signal } }) {
    if (!tls) {
      return {
        skipped: 'TLS is disabled and keys are checked only with TLS: anyone who can connect can call',
      };
    }
    await scoring.callWithKey(key, signal);
    if (key === undefined) {
      return { skipped: 'no key is required: anyone who can connect can call' };
    }
    await requireRefusal(scoring, undefined, 'a call without a key', signal);
    await requireRefusal(scoring, WRONG_KEY, 'a call with a wrong key', signal);
    return 'the key is accepted; calls with no key and with a wrong key are rejected';
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
    // The call with the valid key succeeded, so the message must make clear that it is about another call.
    if (error instanceof UnexpectedResponseError || error instanceof SmokeTestError) {
      throw new SmokeTestError(
        'EXPECTATION_FAILED',
        `${what} failed, expected a rejection because of the key: ${error.finding}`,
        {
          remedy: 'check whether the service or a gateway in front of it responds to such calls',
          cause: error,
        },
      );
    }
    throw error;
  }
  throw new SmokeTestError(
    'AUTHENTICATION_OPEN',
    `${what} succeeded, expected a rejection: the service does not check keys`,
    { remedy: 'check that its keys are set' },
  );
}
