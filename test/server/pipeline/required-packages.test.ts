import { planPipeline } from '../../../lib/server/pipeline/plan';
import { requirePackages } from '../../../lib/server/pipeline/optional-packages';
import { sampleServiceDefinition } from '../../support/sample-service-definition';

const plan = planPipeline(sampleServiceDefinition()._content.definition, false);

describe('the packages that stages need', () => {
  it('are named all at once where they are missing, with the command that installs them', () => {
    expect(() => {
      requirePackages(plan, () => false);
    }).toThrow(
      "stage 'image' cannot run here: the packages sharp, onnxruntime-node are not installed; " +
        'run `npm install --ignore-scripts sharp onnxruntime-node`',
    );
  });

  it('are named under the first stage that misses one', () => {
    expect(() => {
      requirePackages(plan, (name) => name !== 'onnxruntime-node');
    }).toThrow(
      "stage 'efficientnet-lite0' cannot run here: the package onnxruntime-node is not installed; " +
        'run `npm install --ignore-scripts onnxruntime-node`',
    );
  });

  it('are not those of a stage that an accelerator runs', () => {
    const accelerated = planPipeline(sampleServiceDefinition()._content.definition, true);

    expect(() => {
      requirePackages(accelerated, (name) => name !== 'onnxruntime-node');
    }).toThrow("stage 'classifier' cannot run here: the package onnxruntime-node is not installed");
  });

  it('are all there in this repository', () => {
    expect(() => {
      requirePackages(plan);
    }).not.toThrow();
  });
});
