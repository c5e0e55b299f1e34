import path from 'node:path';

import fc from 'fast-check';

import {
  BrainwaveModel,
  JpegDecoding,
  ResizeMethod,
  ServiceDefinition,
  ServiceDefinitionError,
  SoftwareModel,
  Stage,
  type BrainwaveStageProps,
  type ImageStageProps,
  type ModelStageProps,
  type SoftwareModelProps,
} from '../../lib/service-definition';
import type { BrainwaveStageJson } from '../../lib/service-definition/service-definition-json';
import { floats, graphBytes, node, placeholder } from '../server/pipeline/support/graph';
import { onnxModel } from '../server/pipeline/support/onnx-model';
import { ModelFolder } from './support/model-folder';

const features = onnxModel({
  op: 'Identity',
  inputs: [{ name: 'image', shape: ['n', 224, 224, 3] }],
  outputs: [{ name: 'features', shape: ['n', 1, 1, 1280] }],
});
const classifier = graphBytes([
  placeholder('features', [-1, 1280]),
  floats('weights', [1], [2]),
  node('probabilities', 'Mul', ['features', 'weights']),
]);

function messageOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceDefinitionError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

/** The message of a refusal, or nothing. Any other error is thrown. */
function refusalOf(make: () => unknown): string {
  try {
    make();
    return '';
  } catch (error) {
    if (error instanceof ServiceDefinitionError) {
      return error.message;
    }
    throw error;
  }
}

const MAKERS: ((props: ModelStageProps) => Stage)[] = [
  (props) => Stage.onnx(props),
  (props) => Stage.tensorflow(props),
  (props) => Stage.keras(props),
];

let folder: ModelFolder;

beforeEach(() => {
  folder = new ModelFolder();
});

afterEach(() => {
  folder.remove();
});

describe('an image stage', () => {
  it('has the defaults of ImageNet models', () => {
    const stage = Stage.image();
    expect(stage.name).toBe('image');
    expect(stage.definition).toEqual({
      type: 'image',
      name: 'image',
      resize: 256,
      crop: 224,
      channels: 3,
      method: 'bilinear',
      mean: [0, 0, 0],
      scale: 1,
    });
    expect(stage.output).toEqual([-1, 224, 224, 3]);
  });

  it('applies every property', () => {
    const props: ImageStageProps = {
      name: 'grey',
      resize: 32,
      crop: 28,
      channels: 1,
      method: ResizeMethod.LANCZOS3,
      mean: [127.5],
      scale: 1 / 127.5,
    };
    expect(Stage.image(props).definition).toEqual({ type: 'image', ...props });
    expect(Stage.image({ mean: [127] }).definition).toMatchObject({ channels: 3, mean: [127] });
    expect(Stage.image({ decode: JpegDecoding.SCALED }).definition).toMatchObject({ decode: 'scaled' });
    expect(Stage.image({ preserveAspectRatio: false }).definition).toMatchObject({
      preserve_aspect_ratio: false,
    });
  });

  it.each<[ImageStageProps, string]>([
    [
      { crop: 300 },
      'crop is 300 but the shorter side is only 256 pixels after resizing; lower crop or raise resize',
    ],
    [
      { resize: 64 },
      'crop is 224, the default, but the shorter side is only 64 pixels after resizing; lower crop or raise resize',
    ],
    [{ channels: 4 }, 'channels is 4; expected 3 (RGB) or 1 (grayscale)'],
    [{ channels: -1 }, 'channels is -1; expected 3 (RGB) or 1 (grayscale)'],
    [{ mean: [1, 2] }, 'mean has 2 numbers for 3 channels; set one per channel, or a single one'],
    [{ mean: [1, 2, NaN] }, 'mean is [1, 2, NaN]; expected finite numbers'],
    [{ scale: Infinity }, 'scale is Infinity; expected a finite number, such as 1 / 127'],
    [{ resize: 0 }, 'resize is 0; expected a whole number from 1 to 16384'],
    [{ crop: 1.5 }, 'crop is 1.5; expected a whole number from 1 to 16384'],
    [{ resize: 20_000 }, 'resize is 20000; expected a whole number from 1 to 16384'],
  ])('rejects %j', (props, expected) => {
    expect(messageOf(() => Stage.image(props))).toBe(`stage "image": ${expected}`);
  });

  it('rejects a name that is empty or too long', () => {
    expect(messageOf(() => Stage.image({ name: '' }))).toBe(
      'stage "": its name has 0 characters; expected 1 to 128',
    );
    expect(messageOf(() => Stage.image({ name: 'n'.repeat(129) }))).toMatch(
      /has 129 characters; expected 1 to 128$/,
    );
  });
});

describe('a stage with a model file', () => {
  it('brings its file, in a folder of its name', () => {
    const file = folder.write('classifier.pb', classifier);
    const stage = Stage.tensorflow({
      name: 'classifier',
      path: file,
      inputTensor: 'features:0',
      outputTensor: 'probabilities:0',
    });
    expect(stage.definition).toEqual({
      type: 'tensorflow',
      name: 'classifier',
      model_path: 'classifier/classifier.pb',
      input_tensor: 'features:0',
      output_tensor: 'probabilities:0',
    });
    expect([...stage.files.keys()]).toEqual(['classifier/classifier.pb']);
    expect(stage.input).toEqual([-1, 1280]);
    expect(stage.output).toBeUndefined();
  });

  it.each(['a b', 'a/b', '../up', '.', '..', 'stage.1', 'grün', 'a"b\n'])(
    'gives the stage "%s" a folder that a zip may have, and no other stage has',
    (name) => {
      const file = folder.write('odd \\ näme.onnx', features);
      const props = { path: file, inputTensor: 'image', outputTensor: 'features' };
      const entry = (stage: string) => [...Stage.onnx({ ...props, name: stage }).files.keys()].join();
      expect(entry(name)).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]*\/odd[A-Za-z0-9._-]+\.onnx$/);
      expect(entry(name)).not.toBe(entry('a_b'));
      expect(entry(name)).not.toBe(entry('a%b'));
    },
  );

  it('reports which file is missing, and what its path is relative to', () => {
    const props = { name: 'c', path: 'models/none.pb', inputTensor: 'x', outputTensor: 'y' };
    for (const make of MAKERS) {
      expect(messageOf(() => make(props))).toBe(
        'stage "c": the model file is models/none.pb, which does not exist; set a path relative to the working directory',
      );
    }
    expect(messageOf(() => Stage.onnx({ ...props, path: folder.path }))).toContain(
      'which is a folder; set the path of a file',
    );
  });

  it('lists the existing tensors if a name is wrong', () => {
    const onnx = folder.write('features.onnx', features);
    const graph = folder.write('classifier.pb', classifier);
    const ofOnnx = (inputTensor: string, outputTensor: string) =>
      messageOf(() => Stage.onnx({ name: 's', path: onnx, inputTensor, outputTensor }));
    expect(ofOnnx('input', 'features')).toBe(`stage "s": ${onnx} has no input tensor "input"; it has image`);
    expect(ofOnnx('image', 'features:0')).toBe(
      `stage "s": ${onnx} has no output tensor "features:0"; it has features`,
    );
    const ofGraph = (inputTensor: string, outputTensor: string) =>
      messageOf(() => Stage.tensorflow({ name: 's', path: graph, inputTensor, outputTensor }));
    expect(ofGraph('weights:0', 'probabilities:0')).toBe(
      `stage "s": ${graph} has no input tensor "weights:0"; it has features`,
    );
    expect(ofGraph('features:0', 'logits:0')).toBe(
      `stage "s": ${graph} has no output tensor "logits:0"; it has probabilities`,
    );
  });

  it('names the stage for a SavedModel', () => {
    const exported = path.dirname(folder.write('saved_model.pb', classifier));
    const props = { name: 's', path: exported, inputTensor: 'x:0', outputTensor: 'y:0' };
    expect(messageOf(() => Stage.tensorflow(props))).toBe(
      `stage "s": the model file is ${exported}, which is a SavedModel; declare the stage with Stage.savedModel`,
    );
  });

  it('lists the last of many tensors, where the outputs are', () => {
    const nodes = Array.from({ length: 30 }, (_, index) => node(`n${index}`, 'Identity', []));
    const file = folder.write('many.pb', graphBytes([placeholder('x', [1]), ...nodes]));
    expect(
      messageOf(() => Stage.keras({ name: 's', path: file, inputTensor: 'x:0', outputTensor: 'y:0' })),
    ).toMatch(/it has n22, n23, n24, n25, n26, n27, n28, n29, and 22 more$/);
  });

  it('rejects a file of another kind', () => {
    const text = folder.write('readme.md', '# Not a model\n');
    const props = { name: 's', path: text, inputTensor: 'x', outputTensor: 'y' };
    expect(messageOf(() => Stage.onnx(props))).toMatch(
      /^stage "s": .+readme\.md is not an ONNX model \(.+\); export the model again$/,
    );
    expect(messageOf(() => Stage.tensorflow(props))).toMatch(/is not a frozen TensorFlow GraphDef \(.+\)/);
    const empty = { ...props, path: folder.write('empty', '') };
    expect(messageOf(() => Stage.onnx(empty))).toMatch(/is not an ONNX model \(it declares no outputs\)/);
    expect(messageOf(() => Stage.keras(empty))).toMatch(
      /is not a frozen TensorFlow GraphDef \(it contains no nodes\)/,
    );
  });

  it('answers any file with a stage or a ServiceDefinitionError', () => {
    const file = path.join(folder.path, 'model');
    const flipped = (bytes: Uint8Array) =>
      fc
        .array(fc.record({ at: fc.nat(bytes.length - 1), value: fc.nat(255) }), {
          minLength: 1,
          maxLength: 5,
        })
        .map((changes) => {
          const changed = Uint8Array.from(bytes);
          for (const { at, value } of changes) {
            changed[at] = value;
          }
          return changed;
        });
    const cut = (bytes: Uint8Array) => fc.nat(bytes.length).map((end) => bytes.subarray(0, end));
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      flipped(features),
      flipped(classifier),
      cut(features),
      cut(classifier),
    );
    fc.assert(
      fc.property(any, fc.nat(2), fc.string(), fc.string(), (bytes, kind, inputTensor, outputTensor) => {
        folder.write('model', bytes);
        const refused = refusalOf(() => MAKERS[kind]({ name: 's', path: file, inputTensor, outputTensor }));
        expect(refused).toMatch(/^$|^stage "s": /);
      }),
      { numRuns: 1000 },
    );
  });

  it('rejects a file that nests deeper than any model', () => {
    const groups = folder.write('groups', Buffer.alloc(200_000, 0x0b));
    expect(
      messageOf(() => Stage.onnx({ name: 's', path: groups, inputTensor: 'x', outputTensor: 'y' })),
    ).toMatch(/is not an ONNX model/);
  });
});

describe('a Keras stage of a TensorFlow.js layers model', () => {
  const topology = { modelTopology: { class_name: 'Sequential' }, format: 'layers-model' };

  function keras(json: unknown): Stage {
    const file = folder.write('model.json', typeof json === 'string' ? json : JSON.stringify(json));
    return Stage.keras({ name: 'classifier', path: file, inputTensor: 'x', outputTensor: 'y' });
  }

  it('brings the weight files that it names', () => {
    folder.write('group1-shard1of2.bin', 'one');
    folder.write('group1-shard2of2.bin', 'two');
    const weightsManifest = [{ paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'], weights: [] }];
    expect([...keras({ ...topology, weightsManifest }).files.keys()]).toEqual([
      'classifier/model.json',
      'classifier/group1-shard1of2.bin',
      'classifier/group1-shard2of2.bin',
    ]);
  });

  it.each([
    ['text', 'not JSON', 'is not JSON'],
    ['null', 'null', 'has no modelTopology with a weightsManifest'],
    ['no topology', { weightsManifest: [] }, 'has no modelTopology with a weightsManifest'],
    [
      'an invalid manifest',
      { ...topology, weightsManifest: 5 },
      'has no modelTopology with a weightsManifest',
    ],
    [
      'a graph model',
      { ...topology, format: 'graph-model', weightsManifest: [] },
      'has the format "graph-model"',
    ],
    [
      'weights elsewhere',
      { ...topology, weightsManifest: [{ paths: ['../secret'] }] },
      'references the weight file "../secret", which is not in its folder',
    ],
    [
      'weights at an absolute path',
      { ...topology, weightsManifest: [{ paths: ['/etc/passwd'] }] },
      'references the weight file "/etc/passwd", which is not in its folder',
    ],
  ])('rejects %s', (_, json, expected) => {
    const message = messageOf(() => keras(json));
    expect(message).toMatch(/^stage "classifier": .+model\.json /);
    expect(message).toContain(`${expected}; expected the model.json of a TensorFlow.js layers model`);
  });

  const layer = (className: string, name: string, more = {}) => ({
    class_name: className,
    config: { name, ...more },
  });
  const functional = {
    class_name: 'Functional',
    config: {
      layers: [
        layer('InputLayer', 'features', { batch_input_shape: [null, 1, 1, 5] }),
        layer('Dense', 'classes'),
      ],
      input_layers: [['features', 0, 0]],
      output_layers: [['classes', 0, 0]],
    },
  };
  const sequential = (...layers: readonly unknown[]) => ({ class_name: 'Sequential', config: { layers } });
  const dense = layer('Dense', 'classes', { batch_input_shape: [null, 5] });

  it.each([
    ['a functional model', functional, 'features:0', [-1, 1, 1, 5]],
    ['a model that Keras wrote', { model_config: functional }, 'features', [-1, 1, 1, 5]],
    ['a Sequential model', sequential(dense), 'classes_input', [-1, 5]],
    ['a Sequential model with an input layer', sequential(layer('InputLayer', 'in'), dense), 'in', undefined],
  ])('accepts the names of %s, and rejects others', (_, modelTopology, inputTensor, shape) => {
    const file = folder.write('model.json', JSON.stringify({ modelTopology, weightsManifest: [] }));
    const stage = (input: string, output: string): Stage =>
      Stage.keras({ name: 'classifier', path: file, inputTensor: input, outputTensor: output });
    expect(stage(inputTensor, 'classes:0').input).toEqual(shape);
    expect(messageOf(() => stage('image', 'classes'))).toBe(
      `stage "classifier": ${file} has no input tensor "image"; it has ${inputTensor.replace(':0', '')}`,
    );
    expect(messageOf(() => stage(inputTensor, 'softmax'))).toMatch(
      / has no output tensor "softmax"; it has .*classes$/,
    );
  });

  it('reports which weight file is missing', () => {
    expect(messageOf(() => keras({ ...topology, weightsManifest: [{ paths: ['w.bin'] }] }))).toMatch(
      /^stage "classifier": the model file is .+w\.bin, which does not exist/,
    );
  });

  it('answers any JSON with a stage or a ServiceDefinitionError', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (modelTopology, weightsManifest) => {
        expect(refusalOf(() => keras({ modelTopology, weightsManifest }))).toMatch(
          /^$|^stage "classifier": /,
        );
      }),
    );
  });
});

describe('a brainwave stage', () => {
  it('has the name, the version and the shape of its model', () => {
    const stage = Stage.brainwave({ model: BrainwaveModel.RESNET50 });
    expect(stage.definition).toEqual({
      type: 'brainwave',
      name: 'resnet50',
      model_ref: 'resnet50',
      model_version: '1',
      output_tensor_dims: [1, 1, 1, 2048],
    });
    expect(stage.input).toEqual([-1, 224, 224, 3]);
    expect(stage.output).toEqual([-1, 1, 1, 2048]);
  });

  it('applies every property', () => {
    const software = SoftwareModel.onnx({
      path: folder.write('features.onnx', features),
      inputTensor: 'image',
      outputTensor: 'features',
    });
    const model = BrainwaveModel.custom('mine', { outputTensorDims: [1, 7] });
    const stage = Stage.brainwave({
      name: 'features',
      model,
      modelVersion: '7',
      outputTensorDims: [1, 1, 1, 1280],
      software,
    });
    expect(stage.definition).toEqual({
      type: 'brainwave',
      name: 'features',
      model_ref: 'mine',
      model_version: '7',
      output_tensor_dims: [1, 1, 1, 1280],
      software: {
        type: 'onnx',
        model_path: 'features/features.onnx',
        input_tensor: 'image',
        output_tensor: 'features',
      },
    });
    expect(stage.input).toEqual([-1, 224, 224, 3]);
  });

  it('accepts a GraphDef as its software', () => {
    const software = SoftwareModel.tensorflow({
      path: folder.write('f.pb', classifier),
      inputTensor: 'features:0',
      outputTensor: 'probabilities:0',
    });
    const stage = Stage.brainwave({ model: BrainwaveModel.VGG16, software });
    expect(stage.definition).toMatchObject({ software: { type: 'tensorflow', model_path: 'vgg16/f.pb' } });
  });

  it.each([[[]], [[2048]], [[1, 0]], [[1, 1.5]], [[2, 2048]]])(
    'rejects the output shape %j',
    (outputTensorDims) => {
      expect(messageOf(() => Stage.brainwave({ model: BrainwaveModel.RESNET50, outputTensorDims }))).toBe(
        `stage "resnet50": outputTensorDims is [${outputTensorDims.join(', ')}]; expected the shape of ` +
          'the features of one image, with the batch size 1 first, such as [1, 1, 1, 2048]',
      );
    },
  );

  it('asks for the output shape where the model has none of its own', () => {
    const model = BrainwaveModel.custom('mine', {});
    expect(messageOf(() => Stage.brainwave({ model }))).toBe(
      'stage "mine": got neither outputTensorDims nor outputTensorsDims; set outputTensorDims, or outputTensorsDims for ' +
        'several outputs',
    );
  });

  describe('with several outputs', () => {
    const detector = onnxModel({
      op: 'Split',
      inputs: [{ name: 'image', shape: ['n', 8] }],
      outputs: [
        { name: 'boxes', shape: ['n', 2, 2] },
        { name: 'scores', shape: ['n', 2] },
      ],
    });
    const model = BrainwaveModel.custom('detector', {
      outputTensorsDims: { boxes: [1, 2, 2], scores: [1, 2] },
    });
    const software = (tensors: Partial<SoftwareModelProps> = {}) =>
      SoftwareModel.onnx({ path: folder.write('d.onnx', detector), inputTensor: 'image', ...tensors });

    it('has the shapes of its model, and software whose tensors have the names of the outputs', () => {
      expect(Stage.brainwave({ model, software: software() }).definition).toEqual({
        type: 'brainwave',
        name: 'detector',
        model_ref: 'detector',
        model_version: '1',
        output_tensors_dims: { boxes: [1, 2, 2], scores: [1, 2] },
        software: {
          type: 'onnx',
          model_path: 'detector/d.onnx',
          input_tensor: 'image',
          output_tensors: { boxes: 'boxes', scores: 'scores' },
        },
      });
    });

    it('names the outputs for clients', () => {
      const stage = Stage.brainwave({
        model,
        outputTensorsDims: { a: [1, 2], b: [1, 2, 2] },
        software: software({ outputTensors: { a: 'scores', b: 'boxes' } }),
      });
      expect(stage.definition).toMatchObject({
        output_tensors_dims: { a: [1, 2], b: [1, 2, 2] },
        software: { output_tensors: { a: 'scores', b: 'boxes' } },
      });
    });

    it('of SSD-VGG are the twelve of the Azure ML SDK', () => {
      const { output_tensors_dims: outputs = {} } = Stage.brainwave({ model: BrainwaveModel.SSDVGG })
        .definition as BrainwaveStageJson;
      expect(Object.keys(outputs)).toHaveLength(12);
      expect(outputs['ssd_300_vgg/block4_box/Reshape_1:0']).toEqual([1, 37, 37, 4, 21]);
      expect(outputs['ssd_300_vgg/block11_box/Reshape:0']).toEqual([1, 1, 1, 4, 4]);
    });

    it.each<[Partial<BrainwaveStageProps>, Partial<SoftwareModelProps>, string]>([
      [
        { outputTensorDims: [1, 2], outputTensorsDims: { a: [1, 2] } },
        {},
        'got both outputTensorDims and outputTensorsDims; set outputTensorDims, or outputTensorsDims for several outputs',
      ],
      [
        { outputTensorsDims: { a: [2, 2] } },
        {},
        'outputTensorsDims["a"] is [2, 2]; expected the shape of the features of one image, with the batch size 1 first, ' +
          'such as [1, 1, 1, 2048]',
      ],
      [
        {},
        { outputTensor: 'scores' },
        'its software has outputTensor, but the stage has several outputs; set outputTensors instead',
      ],
      [
        { outputTensorDims: [1, 2] },
        { outputTensors: { a: 'scores' } },
        'its software has outputTensors, but the stage has one output; set outputTensor, or outputTensorsDims of the stage',
      ],
      [
        {},
        { outputTensors: { boxes: 'boxes' } },
        'output "scores" is only in outputTensorsDims; name the same outputs in both',
      ],
      [
        {},
        { outputTensors: { boxes: 'boxes', scores: 'scores', classes: 'scores' } },
        'output "classes" is only in outputTensors of its software; name the same outputs in both',
      ],
      [
        { outputTensorsDims: { boxes: [1, 2, 3], scores: [1, 2] } },
        {},
        'its software returns boxes of shape [n, 2, 2], but outputTensorsDims["boxes"] is [1, 2, 3]; use a model that ' +
          'computes the same features',
      ],
    ])('rejects %j with software of %j', (changes, tensors, problem) => {
      expect(messageOf(() => Stage.brainwave({ model, software: software(tensors), ...changes }))).toBe(
        `stage "detector": ${problem}`,
      );
    });

    it('must be the last stage', () => {
      const stages = [Stage.brainwave({ model, software: software() }), Stage.softmax()];
      expect(messageOf(() => new ServiceDefinition({ stages }))).toBe(
        'stage "detector" has several outputs but comes before "softmax"; move it to the end, or set outputTensorDims to ' +
          'the shape of the output that the next stage uses',
      );
    });
  });

  it('rejects software that computes other features', () => {
    const software = SoftwareModel.onnx({
      path: folder.write('features.onnx', features),
      inputTensor: 'image',
      outputTensor: 'features',
    });
    expect(messageOf(() => Stage.brainwave({ model: BrainwaveModel.RESNET50, software }))).toBe(
      'stage "resnet50": its software returns features of shape [n, 1, 1, 1280], ' +
        'but outputTensorDims is [1, 1, 1, 2048]; use a model that computes the same features',
    );
  });
});

describe("an accelerator's model", () => {
  it.each(['resnet50', 'resnet152', 'densenet121', 'vgg16', 'ssd_vgg'])('is found by its name %s', (name) => {
    expect(BrainwaveModel.of(name).modelRef).toBe(name);
  });

  it('is rejected for an unknown name, with the known names', () => {
    expect(messageOf(() => BrainwaveModel.of('resnet51'))).toBe(
      'unknown model_ref "resnet51"; expected one of resnet50, resnet152, densenet121, vgg16, ssd_vgg; ' +
        'for a custom model, use BrainwaveModel.custom("resnet51", …)',
    );
  });

  it('of your own needs a name', () => {
    expect(messageOf(() => BrainwaveModel.custom('', { outputTensorDims: [1, 2] }))).toBe(
      'model_ref is empty; set it to the name of the model on the accelerator',
    );
  });
});
