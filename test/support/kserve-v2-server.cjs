// An accelerator server of the Open Inference Protocol for tests, a process of its own: `node FILE MODEL PORT`.
// Its messages are written by grpc-js from the proto file, with no code of the project's.
//
// The model `efficientnet-lite0` is the ONNX file MODEL. The others answer the rows of three that they get
// (`echo`), or misbehave as their names say. What happens goes to standard output, a JSON object a line.

const path = require('node:path');

const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const ort = require('onnxruntime-node');

const [modelFile, port] = process.argv.slice(2);
const { inference } = grpc.loadPackageDefinition(
  protoLoader.loadSync(path.resolve(__dirname, '../../proto/inference/grpc_predict_v2.proto'), {
    keepCase: true,
    longs: Number,
    defaults: true,
  }),
);
const { Buffer } = require('node:buffer');

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const tensor = (name, ...shape) => ({ name, datatype: 'FP32', shape });
const rows = { inputs: [tensor('x', -1, 3)], outputs: [tensor('y', -1, 3)] };
const failure = (code, details) => Object.assign(new Error(details), { code, details });
const raw = (shape, bytes) => ({
  outputs: [{ name: 'y', datatype: 'FP32', shape }],
  raw_output_contents: [bytes],
});

const echo = ({ shape, bytes }) => raw(shape, bytes);
let unavailable = 0;

const models = {
  'efficientnet-lite0': {
    inputs: [tensor('image', -1, 224, 224, 3)],
    outputs: [tensor('features', -1, 1, 1, 1280)],
    infer: featurize,
  },
  echo: { ...rows, infer: echo },
  'answers-in-contents': {
    ...rows,
    infer: ({ shape, bytes }) => ({
      outputs: [{ ...tensor('y', ...shape), contents: { fp32_contents: floats(bytes) } }],
    }),
  },
  'one-at-a-time': {
    inputs: [tensor('x', 1, 3)],
    outputs: [tensor('y', 1, 3)],
    infer: ({ shape, bytes }) => {
      if (shape[0] !== 1) {
        throw failure(grpc.status.INVALID_ARGUMENT, 'the batch must be 1');
      }
      return raw(shape, bytes);
    },
  },
  'two-at-most': {
    ...rows,
    infer: ({ shape, bytes }) => {
      if (shape[0] > 2) {
        throw failure(grpc.status.INVALID_ARGUMENT, 'batch-size must be <= 2');
      }
      return raw(shape, bytes);
    },
  },
  'two-outputs': {
    inputs: rows.inputs,
    outputs: [tensor('mask', -1, 8), tensor('y', -1, 3)],
    infer: echo,
  },
  // Twice the input as boxes of two by two, and their sum as a score.
  detector: {
    inputs: [tensor('x', -1, 4)],
    outputs: [tensor('SCORES', -1, 1), tensor('boxes', -1, 2, 2)],
    infer: ({ shape: [count], bytes }) => {
      const values = floats(bytes);
      const sums = Array.from({ length: count }, (_, row) =>
        values.slice(4 * row, 4 * row + 4).reduce((sum, value) => sum + value, 0),
      );
      return {
        outputs: [
          { ...tensor('SCORES', count, 1), contents: { fp32_contents: sums } },
          { ...tensor('boxes', count, 2, 2), contents: { fp32_contents: values.map((value) => 2 * value) } },
        ],
      };
    },
  },
  'half-precision': {
    inputs: [{ name: 'x', datatype: 'FP16', shape: [-1, 3] }],
    outputs: rows.outputs,
    infer: echo,
  },
  planar: {
    inputs: [tensor('image', -1, 3, 224, 224)],
    outputs: [tensor('features', -1, 1280)],
    infer: echo,
  },
  'declares-five': { inputs: rows.inputs, outputs: [tensor('y', -1, 5)], infer: echo },
  'answers-two': {
    inputs: rows.inputs,
    outputs: [tensor('y', -1, -1)],
    infer: ({ shape }) => raw([shape[0], 2], Buffer.alloc(shape[0] * 8)),
  },
  'answers-too-few-bytes': { ...rows, infer: ({ shape }) => raw(shape, Buffer.alloc(4)) },
  'unavailable-twice': {
    ...rows,
    infer: (request) => {
      unavailable += 1;
      if (unavailable <= 2) {
        throw failure(grpc.status.UNAVAILABLE, 'the device is being reset');
      }
      return echo(request);
    },
  },
  'takes-anything': {
    inputs: [tensor('x', -1, -1)],
    outputs: rows.outputs,
    infer: ({ shape, bytes }) => {
      if (shape[1] !== 3) {
        throw failure(grpc.status.INVALID_ARGUMENT, `x must be [n,3], not [${shape}]`);
      }
      return raw(shape, bytes);
    },
  },
  broken: {
    ...rows,
    infer: () => {
      throw failure(grpc.status.INTERNAL, 'the device fell off the bus');
    },
  },
  'never-answers': { ...rows, infer: () => new Promise(() => undefined) },
  loading: { ...rows, isReady: false, infer: echo },
};

let session;

async function featurize({ shape, bytes }) {
  session ??= ort.InferenceSession.create(modelFile, { intraOpNumThreads: 1 });
  const loaded = await session;
  const { features } = await loaded.run({
    image: new ort.Tensor('float32', Float32Array.from(floats(bytes)), shape),
  });
  const { buffer, byteOffset, byteLength } = features.data;
  return {
    outputs: [{ name: 'features', datatype: 'FP32', shape: [...features.dims] }],
    raw_output_contents: [Buffer.from(buffer, byteOffset, byteLength)],
  };
}

function floats(bytes) {
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

function find(name, version) {
  if (name === 'unknown-to-mlserver') {
    const details = `Unexpected <class 'mlserver.errors.ModelNotFound'>: Model ${name} with version ${version} not found`;
    throw failure(grpc.status.UNKNOWN, details);
  }
  const model = models[name];
  if (model === undefined || !['1', ''].includes(version)) {
    throw failure(
      grpc.status.NOT_FOUND,
      `Request for unknown model: '${name}' version ${version} is not found`,
    );
  }
  return model;
}

function unary(handle) {
  return async (call, answer) => {
    try {
      answer(null, await handle(call));
    } catch (error) {
      answer(error);
    }
  };
}

// With gRPC's own limit of a message: 4 MiB.
const server = new grpc.Server();
server.addService(inference.GRPCInferenceService.service, {
  ServerLive: unary(() => ({ live: true })),
  ServerReady: unary(() => ({ ready: true })),
  ModelReady: unary(({ request }) => ({ ready: find(request.name, request.version).isReady ?? true })),
  ModelMetadata: unary(({ request: { name, version } }) => {
    const { inputs, outputs } = find(name, version);
    return { name, versions: ['1'], platform: 'test', inputs, outputs };
  }),
  ModelInfer: unary(async (call) => {
    const { model_name, model_version, inputs, raw_input_contents } = call.request;
    const model = find(model_name, model_version);
    const [{ name, shape }] = inputs;
    say({ infer: model_name, rows: shape[0], timeLeftMs: call.getDeadline() - Date.now() });
    call.on('cancelled', () => say({ cancelled: model_name }));
    if (name !== model.inputs[0].name) {
      throw failure(grpc.status.INVALID_ARGUMENT, `unexpected inference input '${name}'`);
    }
    return { model_name, model_version, ...(await model.infer({ shape, bytes: raw_input_contents[0] })) };
  }),
});
server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, bound) => {
  if (error) {
    throw error;
  }
  say({ port: bound });
});
