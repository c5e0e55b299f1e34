import '@tensorflow/tfjs-backend-wasm';
import { io, ready, setBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import {
  initializers,
  input,
  layers,
  model,
  sequential,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import { engines } from '../support/engines';

const ask = engines();

beforeAll(async () => {
  await setBackend('wasm');
  await ready();
});

async function filesOf(built: LayersModel): Promise<Map<string, Uint8Array>> {
  let artifacts: io.ModelArtifacts | undefined;
  await built.save(
    io.withSaveHandler((saved) => {
      artifacts = saved;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  const json = {
    modelTopology: artifacts?.modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: artifacts?.weightSpecs }],
  };
  return new Map([
    ['model.json', Buffer.from(JSON.stringify(json))],
    ['weights.bin', new Uint8Array(artifacts?.weightData as ArrayBuffer)],
  ]);
}

async function expectSameAnswers(
  built: LayersModel,
  shape: number[],
  names: readonly [string, string],
): Promise<void> {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, index) => Math.sin((index + 1) * 12.9898) * 2);
  const expected = built.predict(tensor(data, shape)) as Tensor;
  const { onnx } = await ask({ files: await filesOf(built), input: names[0], output: names[1], shape, data });
  expect(onnx.shape).toEqual(expected.shape);
  const values = await expected.data();
  onnx.data.forEach((value, index) => {
    expect(Math.abs(value - (values[index] ?? NaN))).toBeLessThan(2e-5 * Math.max(1, Math.abs(value)));
  });
}

const one = (applied: unknown): SymbolicTensor => applied as SymbolicTensor;

/** With statistics as training leaves them, not 0 and 1. */
const batchNorm = () =>
  layers.batchNormalization({
    gammaInitializer: initializers.randomUniform({ minval: 0.5, maxval: 1.5 }),
    betaInitializer: initializers.randomNormal({ mean: 0, stddev: 1 }),
    movingMeanInitializer: initializers.randomNormal({ mean: 0, stddev: 1 }),
    movingVarianceInitializer: initializers.randomUniform({ minval: 0.5, maxval: 2 }),
  });

test('a Sequential VGG computes what TensorFlow.js does', async () => {
  const built = sequential({
    layers: [
      layers.conv2d({
        inputShape: [8, 9, 3],
        filters: 4,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        name: 'conv',
      }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 5, kernelSize: [1, 3], dilationRate: 1 }),
      layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      layers.flatten(),
      layers.dense({ units: 6, activation: 'tanh' }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 3, activation: 'softmax', name: 'classes' }),
    ],
  });
  await expectSameAnswers(built, [2, 8, 9, 3], ['conv_input', 'classes']);
});

test('a MobileNet with residuals computes what TensorFlow.js does', async () => {
  const image = input({ shape: [11, 11, 3], name: 'image' });
  const padded = one(
    layers
      .zeroPadding2d({
        padding: [
          [0, 1],
          [0, 1],
        ],
      })
      .apply(image),
  );
  const start = one(layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, useBias: false }).apply(padded));
  const normal = one(layers.reLU({ maxValue: 6 }).apply(batchNorm().apply(start)));
  const deep = one(
    layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 1 }).apply(normal),
  );
  const point = one(layers.conv2d({ filters: 4, kernelSize: 1 }).apply(batchNorm().apply(deep)));
  const sum = one(layers.add().apply([point, normal]));
  const separable = one(layers.separableConv2d({ filters: 3, kernelSize: 3, padding: 'same' }).apply(sum));
  const joined = one(layers.concatenate().apply([separable, sum]));
  const pooled = one(layers.globalAveragePooling2d({}).apply(joined));
  const gate = one(layers.reshape({ targetShape: [1, 1, 7] }).apply(pooled));
  const scale = one(layers.conv2d({ filters: 7, kernelSize: 1, activation: 'sigmoid' }).apply(gate));
  const scaled = one(layers.multiply().apply([joined, scale]));
  const rest = one(layers.globalMaxPooling2d({}).apply(scaled));
  const built = model({
    inputs: image,
    outputs: one(layers.dense({ units: 5, name: 'classes' }).apply(batchNorm().apply(rest))),
  });
  await expectSameAnswers(built, [3, 11, 11, 3], ['image', 'classes']);
});

test('merging, permuting, up-sampling and activation layers compute what TensorFlow.js does', async () => {
  const image = input({ shape: [4, 5, 2], name: 'image' });
  const larger = one(layers.upSampling2d({ size: [2, 3] }).apply(image));
  const branches = [
    layers.leakyReLU({ alpha: 0.1 }),
    layers.elu({}),
    layers.activation({ activation: 'hardSigmoid' }),
    layers.activation({ activation: 'selu' }),
  ].map((layer) => one(layer.apply(larger)));
  const merged = [layers.average(), layers.maximum(), layers.minimum()].map((layer) =>
    one(layer.apply(branches)),
  );
  const turned = one(layers.permute({ dims: [2, 3, 1] }).apply(one(layers.add().apply(merged))));
  const built = model({ inputs: image, outputs: one(layers.softmax({ axis: -1, name: 'y' }).apply(turned)) });
  await expectSameAnswers(built, [2, 4, 5, 2], ['image', 'y']);
});
