import { SmokeTestError } from '../../lib/smoke-test';
import { parseScoringUri } from '../../lib/smoke-test/scoring-uri';

describe('a scoring URI', () => {
  it.each([
    [
      'https://scoring.example.com/score',
      { host: 'scoring.example.com', port: 443, tls: true, path: '/score' },
    ],
    ['http://127.0.0.1:8080/a?b=c', { host: '127.0.0.1', port: 8080, tls: false, path: '/a?b=c' }],
    ['https://[2001:db8::7]/score', { host: '2001:db8::7', port: 443, tls: true, path: '/score' }],
  ])('%s names a target', (uri, target) => {
    expect(parseScoringUri(uri)).toEqual({ protocol: 'http', ...target });
  });

  it('is refused with a password in it, which the message does not show', () => {
    const parse = () => parseScoringUri('https://user:the-password@scoring.example.com/score');
    expect(parse).toThrow(SmokeTestError);
    expect(parse).toThrow(
      /^the scoring URI of scoring\.example\.com holds a user name or a password; leave them out, and pass the key as a key file$/,
    );
  });

  it('is refused where it is none', () => {
    expect(() => parseScoringUri('scoring.example.com')).toThrow(
      'the scoring URI is "scoring.example.com"; expected one such as https://scoring.example.com/score',
    );
  });
});
