import fc from 'fast-check';

import { findProbabilityProblem } from '../../lib/client/probabilities';
import { softmax } from '../../lib/server/pipeline/softmax-step';

describe('the numbers of an answer', () => {
  it('are accepted as probabilities if a softmax computed them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: 1, maxLength: 50 }),
        (row) => {
          const values = softmax({ shape: [1, row.length], data: Float32Array.from(row) });
          expect(findProbabilityProblem(values)).toBeUndefined();
        },
      ),
    );
  });

  it.each([
    [
      'logits',
      [-3.2, 29.67, 1],
      'the answer has values from -3.2 to 29.67, expected probabilities from 0 to 1',
    ],
    ['no number', [NaN, 0.5], 'the answer has values from NaN to NaN, expected probabilities from 0 to 1'],
  ])('are rejected as %s, with the remedy', (_, values, finding) => {
    expect(findProbabilityProblem(Float32Array.from(values))).toEqual({
      finding,
      remedy: 'if the model returns logits, add Stage.softmax() to the end of the service definition',
      isOutOfRange: true,
    });
  });

  it('are reported if their sum is not 1, which several labels per image may explain', () => {
    expect(findProbabilityProblem(Float32Array.of(0.9, 0.8, 0.1))).toEqual({
      finding: 'the probabilities of the answer add up to 1.8, expected 1',
      remedy:
        'ignore this for a model with several labels per image; otherwise, check which output of the model is served',
      isOutOfRange: false,
    });
  });

  it('may be one, or none', () => {
    expect(findProbabilityProblem(Float32Array.of(0.3))).toBeUndefined();
    expect(findProbabilityProblem(new Float32Array(0))).toBeUndefined();
  });
});
