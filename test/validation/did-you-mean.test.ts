import fc from 'fast-check';

import { didYouMean, similarNames } from '../../lib/validation/did-you-mean';

it.each([
  ['labl', ['label', 'classIndex'], ['label']],
  ['lable', ['label', 'top'], ['label']],
  ['classindex', ['label', 'classIndex'], ['classIndex']],
  ['Tiger-Cat', ['cat', 'tiger cat', 'tiger'], ['tiger cat', 'tiger', 'cat']],
  ['budget', ['baseline', 'latencyBudget'], ['latencyBudget']],
  ['readyTimeoutMs', ['readyTimeoutSeconds', 'reports'], []],
  ['to', ['top', 'tolerance'], ['top']],
  ['', ['top'], []],
])('suggests for "%s" of %j the names %j, the nearest first', (name, candidates, expected) => {
  expect(similarNames(name, candidates)).toEqual(expected);
});

it('asks in one sentence', () => {
  expect(didYouMean('dogs', ['cat', 'dog', 'dogs 2'])).toBe('did you mean "dog" or "dogs 2"?');
  expect(didYouMean('colour', ['label'])).toBeUndefined();
});

it('finds each name that was mistyped by one letter', () => {
  const name = fc.stringMatching(/^[a-z]{4,12}$/);
  fc.assert(
    fc.property(
      name,
      fc.nat(),
      fc.constantFrom('drop', 'double', 'swap', 'replace'),
      (correct, at, mistake) => {
        const index = at % (correct.length - 1);
        const [before, letter, after] = [correct.slice(0, index), correct[index], correct.slice(index + 1)];
        const mistyped = {
          drop: before + after,
          double: before + letter + letter + after,
          swap: before + after[0] + letter + after.slice(1),
          replace: `${before}-x${after}`,
        }[mistake];
        expect(similarNames(mistyped, ['unrelatedoption', correct])).toContain(correct);
      },
    ),
  );
});
