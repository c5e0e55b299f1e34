import { LocalBackend, TerraformStack } from 'cdktf';
import { ImageClassifier, LocalCompute, Sample, ServiceDefinition, Stage } from 'cdktf-brainwave';
import type { BrainwaveWebservice } from 'cdktf-brainwave';
import type { Construct } from 'constructs';

/** An image-scoring web service on this machine. */
export class ScoringStack extends TerraformStack {
  readonly service: BrainwaveWebservice;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    new LocalBackend(this, { path: '../../../terraform.scoring.tfstate' });

    // Your model: its file, the names of its tensors, the size and range of its pixels, and one label per class.
    const serviceDefinition = new ServiceDefinition({
      stages: [
        Stage.image({ resize: 64, crop: 64 }),
        Stage.onnx({
          name: 'classifier',
          path: 'models/colors.onnx',
          inputTensor: 'image',
          outputTensor: 'probabilities',
        }),
      ],
      labels: 'models/labels.txt',
    });

    // After each change, the smoke test scores these images. A wrong answer fails the apply.
    const { service } = new ImageClassifier(this, 'Classifier', {
      serviceDefinition,
      modelName: 'colors',
      compute: new LocalCompute({ portVariable: 'PORT' }),
      samples: [
        Sample.image('images/tomato.png', { expect: { label: 'red', minimumProbability: 0.5 } }),
        Sample.image('images/sky.png', { expect: { label: 'blue' } }),
      ],
    });
    this.service = service;
  }
}
