import type { InferenceSession } from 'onnxruntime-node';

import { type FloatTensor, nodeName } from '../../../wire/tensor';
import { ModelLoadError, StageNotSupportedError } from '../pipeline-errors';
import { loadOptionalPackage } from '../optional-packages';
import type { Engine, EngineStage } from './engine';

type Onnxruntime = typeof import('onnxruntime-node');

/**
 * Loads an ONNX model into onnxruntime, on the CPU.
 * @throws ModelLoadError for a broken file or a tensor that the model does not have
 * @throws StageNotSupportedError for an operation or an element type that does not run here
 */
export async function loadOnnxEngine(stage: EngineStage, file: Uint8Array, threads: number): Promise<Engine> {
  const onnxruntime = loadOptionalPackage(stage.stage, 'onnxruntime-node') as Onnxruntime;
  const session = await createSession(onnxruntime, stage, file, threads);
  const input = findTensor(stage, 'input', stage.input, session.inputMetadata);
  const output = findTensor(stage, 'output', stage.output, session.outputMetadata);
  const others = session.inputNames.filter((name) => name !== input.name);
  if (others.length > 0) {
    throw new ModelLoadError(
      stage.stage,
      `'${stage.path}' has further inputs (${others.join(', ')}), and a stage feeds one; export it with one input`,
    );
  }
  return {
    input: { name: input.name, shape: input.shape.map((size) => (typeof size === 'number' ? size : -1)) },
    async run({ shape, data }: FloatTensor) {
      const feeds = { [input.name]: new onnxruntime.Tensor('float32', data, [...shape]) };
      const result = (await session.run(feeds, [output.name]))[output.name];
      if (!(result.data instanceof Float32Array)) {
        throw new Error(`'${output.name}' is not a float32 array`);
      }
      return { shape: [...result.dims], data: result.data };
    },
    close: () => session.release(),
  };
}

async function createSession(
  onnxruntime: Onnxruntime,
  stage: EngineStage,
  file: Uint8Array,
  threads: number,
): Promise<InferenceSession> {
  try {
    // onnxruntime refuses shared memory: it gets a copy, which it needs only while it loads.
    return await onnxruntime.InferenceSession.create(Uint8Array.from(file), {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // Problems reach the caller as errors; onnxruntime would write them to the server's log as well.
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw describeLoadFailure(stage, (error as Error).message);
  }
}

const UNKNOWN_OPERATIONS = [
  /No Op registered for (\S+) with domain_version of (\d+)/,
  /([\w.]+:\w+)\S* is not a registered function\/op/,
  /Could not find an implementation for (\w+)\((\d+)\)/,
];

function describeLoadFailure(stage: EngineStage, message: string): Error {
  for (const pattern of UNKNOWN_OPERATIONS) {
    const found = pattern.exec(message);
    if (found !== null) {
      const version = found.length < 3 ? '' : ` (opset ${found[2]})`;
      return new StageNotSupportedError(
        stage.stage,
        `'${stage.path}' uses the operation ${found[1]}${version}, which onnxruntime does not know; export the ` +
          'model with standard ONNX operations, or with an opset that this onnxruntime supports',
      );
    }
  }
  const opset = /Opset (\d+) is under development.*is till opset (\d+)/s.exec(message);
  if (opset !== null) {
    return new StageNotSupportedError(
      stage.stage,
      `'${stage.path}' is of opset ${opset[1]}, and onnxruntime knows opsets up to ${opset[2]}; export ` +
        'the model with an older opset or install a newer onnxruntime-node',
    );
  }
  const reason = /protobuf parsing failed/i.test(message)
    ? 'it is not an ONNX file, or is cut short'
    : (message.split('\n')[0] ?? '');
  return new ModelLoadError(stage.stage, `'${stage.path}': ${reason}; export the model again`);
}

function findTensor(
  stage: EngineStage,
  side: 'input' | 'output',
  wanted: string,
  all: readonly InferenceSession.ValueMetadata[],
): InferenceSession.TensorValueMetadata {
  // ONNX names may hold a colon (tf2onnx keeps `features:0`), so the whole name goes first.
  const found =
    all.find((value) => value.name === wanted) ?? all.find((value) => value.name === nodeName(wanted));
  if (found === undefined) {
    const names = all.map((value) => `'${value.name}'`).join(', ');
    throw new ModelLoadError(
      stage.stage,
      `'${stage.path}' has no ${side} '${wanted}'; set ${side}_tensor to one of: ${names}`,
    );
  }
  const type = found.isTensor ? found.type : 'no tensor';
  if (!found.isTensor || type !== 'float32') {
    throw new StageNotSupportedError(
      stage.stage,
      `${side} '${found.name}' of '${stage.path}' is ${type}, and stages pass float32; export the model with ` +
        `a float32 ${side} (a Cast inside the model)`,
    );
  }
  return found;
}
