import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { ImageClassifier, LocalCompute, ServiceDefinition, SoftwareModel } from '../../constructs';
import { definition2018, manifest2019, sdkZip } from '../service-definition/support/sdk-zip';
import { images } from './sample';
import { freePort, TerraformProject } from './terraform-project';

/** What TensorFlow 1.10 answers with the SDK's own `preprocess_array`, for the two classes. */
const ANSWERS = {
  chelsea: [0.7382687330245972, 0.2617313265800476],
  coffee: [0.8524934649467468, 0.14750653505325317],
};

interface Report {
  readonly samples: readonly { readonly topClasses: readonly { readonly probability: number }[] }[];
}

let project: TerraformProject;

beforeEach(() => {
  project = new TerraformProject();
});

afterEach(async () => {
  await project.remove();
});

/** Deploys a zip with the constructs of the quickstart, and returns the probabilities that the smoke test got. */
async function deploy(read: () => ServiceDefinition, image: string): Promise<readonly number[]> {
  const port = await freePort();
  project.synth((stack) => {
    new ImageClassifier(stack, 'Classifier', {
      serviceDefinition: read(),
      modelName: 'resnet50',
      compute: new LocalCompute({ port }),
      image,
      expect: { classIndex: 0 },
    });
  });
  await project.init();
  const { ok, output } = await project.apply();
  if (!ok) {
    throw new Error(output);
  }
  const report = JSON.parse(
    project.read('.cdktf-brainwave/reports/e2e-classifier-smoke-test.json'),
  ) as Report;
  return report.samples[0].topClasses.map(({ probability }) => probability);
}

function expectAnswer(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, index) => {
    expect(Math.abs(value - expected[index])).toBeLessThan(1e-4);
  });
}

it('a zip of the 2019 SDK is deployed unchanged, and answers as TensorFlow does', async () => {
  const zip = path.join(project.folder, 'model_def.zip');
  writeFileSync(zip, sdkZip('manifest.json', manifest2019()));
  expectAnswer(await deploy(() => ServiceDefinition.fromZip(zip), images.chelsea), ANSWERS.chelsea);
});

it('a zip of the 2018 SDK is deployed with software for its featurizer, and answers as TensorFlow does', async () => {
  const [old, today] = ['service_def.zip', 'today.zip'].map((name) => path.join(project.folder, name));
  writeFileSync(today, sdkZip('manifest.json', manifest2019()));
  writeFileSync(old, sdkZip('service_def.json', definition2018()));
  const featurizer = path.join(project.folder, 'featurizer.pb');
  writeFileSync(featurizer, ServiceDefinition.fromZip(today)._content.files.get('resnet50-1/model.pb')!);
  const software = SoftwareModel.tensorflow({
    path: featurizer,
    inputTensor: 'InputImage:0',
    outputTensor: 'resnet_v1_50/pool5:0',
  });
  expectAnswer(
    await deploy(() => ServiceDefinition.fromZip(old, { software }), images.coffee),
    ANSWERS.coffee,
  );
});
