import type { InferenceSession } from 'onnxruntime-node';

import { type FloatTensor, nodeName } from '../../../wire/tensor';
import { ModelLoadError, StageNotSupportedError } from '../pipeline-errors';
import { loadOptionalPackage } from '../optional-packages';
import type { StepInput } from '../step';
import { fetchedTensors, stageResult, type Engine, type EngineStage } from './engine';

type Onnxruntime = typeof import('onnxruntime-node');

/**
 * Loads an ONNX model into ONNX Runtime, on the CPU.
 * @throws ModelLoadError if the file is invalid or the model does not have a tensor
 * @throws StageNotSupportedError if an operation or element type is not supported
 */
export async function loadOnnxEngine(stage: EngineStage, file: Uint8Array, threads: number): Promise<Engine> {
  // onnxruntime rejects shared memory, so it gets a copy, which it needs only while it loads.
  const session = await createSession(stage, Uint8Array.from(file), threads).catch((error: unknown) => {
    throw describeLoadFailure(stage, (error as Error).message);
  });
  const input = findTensor(stage, 'input', stage.input, session.inputMetadata);
  const outputs = fetchedTensors(stage).map(
    (tensor) => findTensor(stage, 'output', tensor, session.outputMetadata).name,
  );
  const others = session.inputNames.filter((name) => name !== input.name);
  if (others.length > 0) {
    throw new ModelLoadError(
      stage.stage,
      `'${stage.path}' has additional inputs (${others.join(', ')}), but a stage feeds only one; export it with one input`,
    );
  }
  const shape = input.shape.map((size) => (typeof size === 'number' ? size : -1));
  return sessionEngine(stage, session, { name: input.name, shape }, input.name, outputs);
}

/**
 * Creates an onnxruntime session.
 * @param model a serialized ModelProto, not in shared memory
 */
export function createSession(
  stage: EngineStage,
  model: Uint8Array,
  threads: number,
): Promise<InferenceSession> {
  return onnxruntimeOf(stage).InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Threads that spin for their next part take the cores from other workers: twice the CPU time per image under load.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    // Problems reach the caller as errors. By default, onnxruntime also writes them to the server's log.
    logSeverityLevel: 4,
  });
}

/**
 * Returns an engine that runs a session.
 * @param input the input to report
 * @param fed name of the input in the session
 * @param outputs names of the outputs in the session
 */
export function sessionEngine(
  stage: EngineStage,
  session: InferenceSession,
  input: StepInput,
  fed: string,
  outputs: readonly string[],
): Engine {
  const { Tensor } = onnxruntimeOf(stage);
  return {
    input,
    async run({ shape, data }: FloatTensor) {
      const results = await session.run({ [fed]: new Tensor('float32', data, [...shape]) }, outputs);
      return stageResult(
        stage,
        outputs.map((name) => {
          const { dims, data: values } = results[name];
          if (!(values instanceof Float32Array)) {
            throw new Error(`'${name}' is not a float32 array`);
          }
          return { shape: [...dims], data: values };
        }),
      );
    },
    close: () => session.release(),
  };
}

function onnxruntimeOf(stage: EngineStage): Onnxruntime {
  return loadOptionalPackage(stage.stage, 'onnxruntime-node') as Onnxruntime;
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
        `'${stage.path}' uses the operation ${found[1]}${version}, which onnxruntime does not support; export the ` +
          'model with standard ONNX operations, or with an opset that this onnxruntime supports',
      );
    }
  }
  const opset = /Opset (\d+) is under development.*is till opset (\d+)/s.exec(message);
  if (opset !== null) {
    return new StageNotSupportedError(
      stage.stage,
      `'${stage.path}' uses opset ${opset[1]}, but onnxruntime supports opsets up to ${opset[2]}; export ` +
        'the model with an older opset or install a newer onnxruntime-node',
    );
  }
  const reason = /protobuf parsing failed/i.test(message)
    ? 'it is not an ONNX file or is truncated'
    : (message.split('\n')[0] ?? '');
  return new ModelLoadError(stage.stage, `'${stage.path}': ${reason}; export the model again`);
}

function findTensor(
  stage: EngineStage,
  side: 'input' | 'output',
  wanted: string,
  all: readonly InferenceSession.ValueMetadata[],
): InferenceSession.TensorValueMetadata {
  // ONNX names may contain a colon (tf2onnx keeps `features:0`), so the full name takes precedence.
  const found =
    all.find((value) => value.name === wanted) ?? all.find((value) => value.name === nodeName(wanted));
  if (found === undefined) {
    const names = all.map((value) => `'${value.name}'`).join(', ');
    throw new ModelLoadError(
      stage.stage,
      `'${stage.path}' has no ${side} '${wanted}'; set ${side}Tensor to one of: ${names}`,
    );
  }
  const type = found.isTensor ? found.type : 'no tensor';
  if (!found.isTensor || type !== 'float32') {
    throw new StageNotSupportedError(
      stage.stage,
      `${side} '${found.name}' of '${stage.path}' is ${type}, but stages pass float32; export the model with ` +
        `a float32 ${side} (a Cast inside the model)`,
    );
  }
  return found;
}
