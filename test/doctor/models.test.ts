import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { writeServiceDefinition } from '../../lib/service-definition';
import { graphBytes, integers, node, placeholder } from '../server/pipeline/support/graph';
import { definitionOf } from '../server/pipeline/support/sample';
import { DoctoredProject } from './doctored-project';

function synthesize(project: DoctoredProject, op: string): void {
  const model = graphBytes([
    placeholder('x', [-1, 3]),
    integers('axis', [], [1]),
    node('y', op, ['x', 'axis'], { T: { type: 'DT_FLOAT' } }),
  ]);
  const folder = path.join(project.folder, 'cdktf.out/stacks/scoring/assets');
  mkdirSync(folder, { recursive: true });
  const stage = {
    type: 'tensorflow',
    name: 'totals',
    model_path: 'm.pb',
    input_tensor: 'x:0',
    output_tensor: 'y:0',
  };
  const definition = definitionOf([stage as never], { 'm.pb': model });
  writeFileSync(path.join(folder, 'model.zip'), writeServiceDefinition(definition));
}

test('the doctor says which operation keeps a stage from running in onnxruntime, and what that costs', async () => {
  const project = new DoctoredProject();
  synthesize(project, 'Cumsum');
  const { findings } = await project.findings('models');
  expect(findings).toEqual([
    {
      check: 'models',
      outcome: 'note',
      finding:
        `${path.join('scoring/assets/model.zip')}: stage 'totals': 'm.pb' uses the operation Cumsum at 'y', which has no ` +
        'translation to ONNX; it runs in TensorFlow.js, which takes about 7 times as long for a ResNet-50',
      remedy: 'convert the graph to ONNX with tf2onnx and use an onnx stage',
    },
  ]);
});

test('the doctor has nothing to say about stages that run in onnxruntime', async () => {
  const project = new DoctoredProject();
  synthesize(project, 'Sum');
  expect((await project.findings('models')).findings).toEqual([]);
});
