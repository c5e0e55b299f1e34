import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import {
  BrainwaveModel,
  readServiceDefinition,
  ServiceDefinition,
  ServiceDefinitionError,
  SoftwareModel,
  Stage,
  writeServiceDefinition,
} from '../../lib/service-definition';
import type { StageJson } from '../../lib/service-definition/service-definition-json';
import { onnxModel } from '../server/pipeline/support/onnx-model';
import { temporaryFolder } from '../support/temporary-folder';
import { ModelFolder } from './support/model-folder';

const example = path.resolve(__dirname, '../../examples/quickstart/models');

function sampleStages(): Stage[] {
  return [
    Stage.image(),
    Stage.brainwave({
      model: BrainwaveModel.custom('efficientnet-lite0', { outputTensorDims: [1, 1, 1, 1280] }),
      software: SoftwareModel.onnx({
        path: path.join(example, 'efficientnet-lite0/featurizer.onnx'),
        inputTensor: 'image',
        outputTensor: 'features',
      }),
    }),
    Stage.tensorflow({
      name: 'classifier',
      path: path.join(example, 'efficientnet-lite0/classifier.pb'),
      inputTensor: 'features:0',
      outputTensor: 'probabilities:0',
    }),
  ];
}

function messageOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceDefinitionError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

describe('a service definition', () => {
  let folder: ModelFolder;

  beforeEach(() => {
    folder = new ModelFolder();
  });

  afterEach(() => {
    folder.remove();
  });

  function onnxStage(name: string, from: (number | string)[], to: (number | string)[]): Stage {
    const bytes = onnxModel({
      op: 'Identity',
      inputs: [{ name: 'x', shape: from }],
      outputs: [{ name: 'y', shape: to }],
    });
    return Stage.onnx({
      name,
      path: folder.write(`${name}.onnx`, bytes),
      inputTensor: 'x',
      outputTensor: 'y',
    });
  }

  it('holds the stages, their files and the labels', async () => {
    const definition = new ServiceDefinition({
      stages: sampleStages(),
      labels: path.join(example, 'imagenet-labels.txt'),
    });
    const zip = definition._toZip();
    expect(definition.sha256).toBe(createHash('sha256').update(zip).digest('hex'));
    const read = await readServiceDefinition(zip);
    expect(read.definition.pipeline.map(({ type }) => type)).toEqual(['image', 'brainwave', 'tensorflow']);
    expect([...read.files.keys()].sort()).toEqual([
      'classifier/classifier.pb',
      'efficientnet-lite0/featurizer.onnx',
    ]);
    expect(read.labels).toHaveLength(1000);
    expect(read.labels?.[282]).toBe('tiger cat');
  });

  it('saves the zip that a scoring server reads, over one that is there', async () => {
    const folder = await temporaryFolder();
    try {
      const definition = new ServiceDefinition({ stages: sampleStages() });
      const file = path.join(folder.path, 'model.zip');
      writeFileSync(file, 'an older one, which is longer or shorter');
      definition.save(file);
      const zip = readFileSync(file);
      expect(createHash('sha256').update(zip).digest('hex')).toBe(definition.sha256);
      expect((await readServiceDefinition(zip)).definition.pipeline).toHaveLength(3);
    } finally {
      await folder.remove();
    }
  });

  it('has the same SHA-256 for the same content, and another for another', () => {
    const [first, second] = [1, 2].map(() => new ServiceDefinition({ stages: sampleStages() }));
    expect(first.sha256).toBe(second.sha256);
    const other = new ServiceDefinition({
      stages: [Stage.image({ resize: 255 }), ...sampleStages().slice(1)],
    });
    expect(other.sha256).not.toBe(first.sha256);
  });

  it('keeps the files of two stages apart whose names look alike', () => {
    const stages = ['a b', 'a_b'].map((name) => onnxStage(name, ['n', 3], ['n', 3]));
    expect(new ServiceDefinition({ stages })._content.files.size).toBe(2);
  });

  it('needs a stage', () => {
    expect(messageOf(() => new ServiceDefinition({ stages: [] }))).toBe(
      'the service definition has no stages; add at least one',
    );
  });

  it('rejects more stages than a scoring server reads', () => {
    const stages = Array.from({ length: 33 }, (_, index) => onnxStage(`s${index}`, ['n', 3], ['n', 3]));
    expect(messageOf(() => new ServiceDefinition({ stages }))).toMatch(
      /does not describe a pipeline that this version supports: pipeline: too big/,
    );
  });

  it('rejects two stages with the same name', () => {
    const stages = [Stage.image(), onnxStage('image', ['n', 224, 224, 3], ['n', 2])];
    expect(messageOf(() => new ServiceDefinition({ stages }))).toBe(
      'two stages have the name "image"; set a unique name for each stage',
    );
  });

  it('rejects an image stage that is not the first', () => {
    const stages = [onnxStage('classifier', ['n', 3], ['n', 2]), Stage.image()];
    expect(messageOf(() => new ServiceDefinition({ stages }))).toBe(
      'stage "image" decodes images but comes after "classifier"; move the image stage to the start',
    );
  });

  it.each<[string, (number | string)[]]>([
    ['another size', ['n', 225, 224, 3]],
    ['another rank', ['n', 150_528]],
  ])('rejects neighbors that do not fit: %s', (_, shape) => {
    const stages = [Stage.image(), onnxStage('classifier', shape, ['n', 2])];
    expect(messageOf(() => new ServiceDefinition({ stages }))).toBe(
      `stage "classifier" expects a tensor of shape [${shape.join(', ')}], but stage "image" returns [n, 224, 224, 3]; ` +
        'select other tensors or change the previous stage',
    );
  });

  it('accepts sizes that are not known until the service runs', () => {
    const stages = [Stage.image(), onnxStage('classifier', ['n', 'h', 'w', 3], ['n', 2])];
    expect(() => new ServiceDefinition({ stages })).not.toThrow();
  });

  it('rejects an accelerator that expects other images', () => {
    const stages = [
      Stage.image(),
      Stage.brainwave({ model: BrainwaveModel.SSDVGG, outputTensorDims: [1, 8] }),
    ];
    expect(messageOf(() => new ServiceDefinition({ stages }))).toMatch(
      /^stage "ssd_vgg" expects a tensor of shape \[n, 300, 300, 3\], but stage "image" returns \[n, 224, 224, 3\]/,
    );
  });

  describe('from a zip', () => {
    const model = (from: (number | string)[], to: (number | string)[]) =>
      onnxModel({
        op: 'Identity',
        inputs: [{ name: 'x', shape: from }],
        outputs: [{ name: 'y', shape: to }],
      });
    const stage = (name: string) =>
      ({
        type: 'onnx',
        name,
        model_path: `${name}.onnx`,
        input_tensor: 'x',
        output_tensor: 'y',
      }) as const;
    const image = Stage.image().definition;

    function zip(pipeline: [StageJson, ...StageJson[]], models: Record<string, Uint8Array>): string {
      const files = new Map(Object.entries(models).map(([name, bytes]) => [`${name}.onnx`, bytes]));
      const definition = { aml_runtime_version: '1.0', pipeline };
      return folder.write('model.zip', Buffer.from(writeServiceDefinition({ definition, files })));
    }

    it('rejects stages that do not fit each other, as one of stages does', () => {
      const rectangle = zip([image, stage('a')], { a: model(['n', 192, 192, 3], ['n', 2]) });
      expect(messageOf(() => ServiceDefinition.fromZip(rectangle))).toBe(
        'stage "a" expects a tensor of shape [n, 192, 192, 3], but stage "image" returns [n, 224, 224, 3]; select other ' +
          'tensors or change the previous stage',
      );
      const planar = zip([image, stage('a')], { a: model(['n', 3, 224, 224], ['n', 2]) });
      expect(messageOf(() => ServiceDefinition.fromZip(planar))).toMatch(
        /; set layout of "image" to ImageLayout.NCHW$/,
      );
      const models = zip([stage('a'), stage('b')], {
        a: model(['n', 3], ['n', 4]),
        b: model(['n', 5], ['n', 2]),
      });
      expect(messageOf(() => ServiceDefinition.fromZip(models))).toMatch(
        /^stage "b" expects a tensor of shape \[n, 5\], but stage "a" returns \[n, 4\]/,
      );
    });

    it('rejects features that the next stage does not expect', () => {
      const brainwave = Stage.brainwave({ model: BrainwaveModel.RESNET50 }).definition;
      const file = zip([brainwave, stage('a')], { a: model(['n', 2048], ['n', 2]) });
      expect(messageOf(() => ServiceDefinition.fromZip(file))).toMatch(
        /^stage "a" expects a tensor of shape \[n, 2048\], but stage "resnet50" returns \[n, 1, 1, 2048\]/,
      );
    });

    it('accepts stages that fit, and leaves files that it cannot read to the server', () => {
      const fitting = { a: model(['n', 224, 224, 3], ['n', 4]), b: model(['n', 4], ['n', 2]) };
      const file = zip([image, stage('a'), stage('b')], fitting);
      expect(() => ServiceDefinition.fromZip(file)).not.toThrow();
      const unreadable = zip([image, stage('a')], { a: Buffer.from('no model') });
      expect(() => ServiceDefinition.fromZip(unreadable)).not.toThrow();
    });

    it('rejects labels that are not one per class', () => {
      const file = zip([stage('a')], { a: model(['n', 3], ['n', 2]) });
      const labels = folder.write('labels.txt', 'one\ntwo\nthree\n');
      expect(messageOf(() => ServiceDefinition.fromZip(file, { labels }))).toMatch(
        /has 3 classes, but stage "a" returns \[n, 2\]; write one line per class, class 0 first$/,
      );
      folder.write('labels.txt', 'one\n\ntwo\n');
      expect(messageOf(() => ServiceDefinition.fromZip(file, { labels }))).toContain(
        'has 3 classes (line 2 is empty), but stage "a" returns [n, 2]',
      );
    });
  });

  describe('with labels', () => {
    const withLabels = (text: string, to: (number | string)[]) => {
      const labels = folder.write('labels.txt', text);
      return new ServiceDefinition({ stages: [onnxStage('c', ['n', 3], to)], labels });
    };

    it('rejects a file that is missing or empty', () => {
      const stages = [Stage.image()];
      expect(messageOf(() => new ServiceDefinition({ stages, labels: 'none.txt' }))).toBe(
        'labels is none.txt, which does not exist; set a path relative to the working directory',
      );
      expect(messageOf(() => withLabels('\n \n', ['n', 2]))).toMatch(
        /^the labels file .+labels\.txt is empty; expected one class name per line$/,
      );
    });

    it('rejects another number of labels than classes', () => {
      expect(messageOf(() => withLabels('background\ncat\ndog\n', ['n', 2]))).toMatch(
        /^the labels file .+labels\.txt has 3 classes, but stage "c" returns \[n, 2\]; write one line per class/,
      );
    });

    it('accepts any number where the number of classes is not known', () => {
      expect(withLabels('cat\ndog\nfox\n', ['n', 'classes'])._content.labels).toEqual(['cat', 'dog', 'fox']);
      expect(withLabels('cat\ndog', ['n', 1, 2])._content.labels).toEqual(['cat', 'dog']);
    });
  });
});
