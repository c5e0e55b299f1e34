import type { CheckContext } from '../../../lib/smoke-test/checks/check';
import { expectations } from '../../../lib/smoke-test/checks/expectations';
import { ImageAnswer } from '../../../lib/smoke-test/image-answer';

const LABELS = ['red', 'green', 'blue'];
const HINT =
  'as no sample has its class, check that the labels are in the order of the model, and that mean, std and order of ' +
  'Stage.image are those of its training';

/** The message for samples with an expected class, each with the probabilities that the service answers. */
async function messageFor(
  ...samples: (readonly [expected: string, probabilities: readonly number[]])[]
): Promise<string> {
  const context = {
    options: {},
    samples: samples.map(([label]) => ({
      path: `images/${label}.png`,
      content: Buffer.alloc(1),
      expect: { label },
    })),
    comparisons: {},
    findings: {
      answers: new Map(
        samples.map(([, probabilities], index) => [
          index,
          new ImageAnswer(Float32Array.from(probabilities), LABELS),
        ]),
      ),
      refusals: new Map(),
    },
  } as unknown as CheckContext;
  return expectations.run(context).then(
    (detail) => JSON.stringify(detail),
    (error: unknown) => (error as Error).message,
  );
}

it('names the usual causes if every sample has another class', async () => {
  expect(await messageFor(['red', [0.1, 0.1, 0.8]], ['blue', [0.7, 0.2, 0.1]])).toBe(
    'all 2 samples failed, first red.png: predicted "blue" (80.0 %); expected "red", which has rank 2 (10.0 %); ' +
      HINT,
  );
});

it('does not suspect labels and preprocessing if a sample has its class, or only one is tested', async () => {
  const wrong = ['red', [0.1, 0.1, 0.8]] as const;
  expect(await messageFor(wrong, ['blue', [0.1, 0.2, 0.7]])).not.toContain(HINT);
  expect(await messageFor(wrong)).not.toContain(HINT);
});
