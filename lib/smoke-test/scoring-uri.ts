import { SmokeTestError } from './smoke-test-error';
import type { SmokeTestTarget } from './smoke-test-options';

/**
 * The target that an online endpoint's scoring URI names.
 * @throws SmokeTestError SMOKE_TEST_INPUT
 */
export function parseScoringUri(uri: string): SmokeTestTarget {
  const parsed = URL.canParse(uri) ? new URL(uri) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new SmokeTestError(
      'SMOKE_TEST_INPUT',
      `the scoring URI is "${uri}"; expected one such as https://scoring.example.com/score`,
    );
  }
  if (parsed.username !== '' || parsed.password !== '') {
    // It holds a secret: the message must not show it.
    throw new SmokeTestError(
      'SMOKE_TEST_INPUT',
      `the scoring URI of ${parsed.host} holds a user name or a password; leave them out, and pass the key as a key file`,
    );
  }
  const tls = parsed.protocol === 'https:';
  return {
    protocol: 'http',
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? (tls ? 443 : 80) : Number(parsed.port),
    tls,
    path: parsed.pathname + parsed.search,
  };
}
