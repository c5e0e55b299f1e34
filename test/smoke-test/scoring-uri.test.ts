import { SmokeTestError } from '../../lib/smoke-test';
import { Option } from '../../lib/smoke-test/option-types';
import { parseScoringUri } from '../../lib/smoke-test/parse-options';
import { propertyNames } from '../../lib/validation/option-names';

const option = new Option(propertyNames, 'target.scoringUri');

describe('a scoring URI', () => {
  it.each([
    [
      'https://scoring.example.com/score',
      { host: 'scoring.example.com', port: 443, plaintext: false, path: '/score' },
    ],
    ['http://127.0.0.1:8080/a?b=c', { host: '127.0.0.1', port: 8080, plaintext: true, path: '/a?b=c' }],
    ['https://[2001:db8::7]/score', { host: '2001:db8::7', port: 443, plaintext: false, path: '/score' }],
  ])('%s names a target', (uri, target) => {
    expect(parseScoringUri(uri, option)).toEqual({ protocol: 'http', ...target });
  });

  it('is rejected with a password in it, which the message does not show', () => {
    const parse = () => parseScoringUri('https://user:the-password@scoring.example.com/score', option);
    expect(parse).toThrow(SmokeTestError);
    expect(parse).toThrow(
      /^target\.scoringUri of scoring\.example\.com contains a user name or a password; remove them and pass the key in a key file$/,
    );
  });

  it('is rejected if it is not a URI', () => {
    expect(() => parseScoringUri('scoring.example.com', option)).toThrow(
      "target.scoringUri is 'scoring.example.com'; expected a URI such as https://scoring.example.com/score",
    );
  });
});
