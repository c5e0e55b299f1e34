import fc from 'fast-check';

import { Pipeline } from '../../../lib/server/pipeline';
import { softmax } from '../../../lib/server/pipeline/softmax-step';
import { graphBytes, node, placeholder } from './support/graph';
import { definitionOf } from './support/sample';

const logits = {
  type: 'tensorflow',
  name: 'model',
  model_path: 'model.pb',
  input_tensor: 'x:0',
  output_tensor: 'y:0',
} as const;

describe('a softmax stage', () => {
  it('turns the logits of the stage before it into probabilities', async () => {
    const graph = graphBytes([
      placeholder('x', [-1, 3]),
      node('y', 'Identity', ['x'], { T: { type: 'DT_FLOAT' } }),
    ]);
    const definition = definitionOf([logits, { type: 'softmax', name: 'softmax' }], { 'model.pb': graph });
    const pipeline = await Pipeline.load(definition, { workers: 1 });
    const tensor = { shape: [2, 3], data: Float32Array.of(0, Math.log(2), Math.log(5), 1000, 1000, -1000) };
    const { shape, data } = await pipeline.score({ kind: 'tensor', tensor });
    await pipeline.close();
    expect(pipeline.signature.output.shape).toEqual([-1, 3]);
    expect(shape).toEqual([2, 3]);
    [1 / 8, 2 / 8, 5 / 8, 0.5, 0.5, 0].forEach((value, index) => {
      expect(data[index]).toBeCloseTo(value, 6);
    });
  });

  it('gives rows that add up to 1 and keep the order of the logits, also where classes are not the last dimension', () => {
    const rows = fc.integer({ min: 2, max: 6 }).chain((classes) =>
      fc.record({
        shape: fc.constantFrom([-1, classes], [-1, 1, 1, classes], [-1, classes, 1, 1]),
        values: fc.array(
          fc.array(fc.float({ noNaN: true, min: -1e4, max: 1e4 }), {
            minLength: classes,
            maxLength: classes,
          }),
          { minLength: 1, maxLength: 4 },
        ),
      }),
    );
    fc.assert(
      fc.property(rows, ({ shape, values }) => {
        const classes = values[0].length;
        const sizes = [values.length, ...shape.slice(1)];
        const result = softmax({ shape: sizes, data: Float32Array.from(values.flat()) });
        values.forEach((row, index) => {
          const probabilities = [...result.subarray(index * classes, (index + 1) * classes)];
          expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
          const largest = probabilities[row.indexOf(Math.max(...row))];
          expect(Math.max(...probabilities)).toBe(largest);
        });
      }),
    );
  });
});
