import type { Tensor } from '@tensorflow/tfjs-core';

import { type FloatTensor, nodeName } from '../../../wire/tensor';
import type { PreparedGraph } from '../../../tensorflow/graph-def/prepare-graph';
import { toTfjsGraph, type TfjsGraph } from '../../../tensorflow/graph-def/tfjs-graph';
import { StageNotSupportedError } from '../pipeline-errors';
import { loadOptionalPackage } from '../optional-packages';
import { stageResult, type Engine, type EngineStage } from './engine';
import { loadTfjs } from './tfjs';

type Converter = typeof import('@tensorflow/tfjs-converter');

/**
 * Loads a frozen TensorFlow graph into TensorFlow.js.
 * @throws GraphProblem if the graph is invalid
 * @throws StageNotSupportedError if TensorFlow.js does not support an operation
 */
export async function loadTfjsGraphEngine(stage: EngineStage, prepared: PreparedGraph): Promise<Engine> {
  const graph = toTfjsGraph(prepared);
  checkOperations(stage, graph);
  const tf = await loadTfjs(stage.stage);
  const { loadGraphModel } = loadOptionalPackage(stage.stage, '@tensorflow/tfjs-converter') as Converter;
  const model = await loadGraphModel({
    load: () =>
      Promise.resolve({
        modelTopology: graph.topology,
        weightSpecs: [...graph.weightSpecs],
        weightData: [...graph.weightData],
      }),
  });
  const outputs = [...graph.outputs];
  const executor = graphExecutor(
    (inputs) => asList(model.execute(inputs, outputs)),
    async (inputs) => asList(await model.executeAsync(inputs, outputs)),
  );
  return {
    input: { name: nodeName(stage.input), shape: graph.input.shape },
    async run({ shape, data }: FloatTensor) {
      const values = graph.input.type === 'int32' ? Int32Array.from(data) : data;
      const input = tf.tensor(values, [...shape], graph.input.type);
      try {
        const fetched = await executor({ [graph.input.name]: input }).catch((error: unknown) => {
          throw explainFailure(stage, error);
        });
        const results = await Promise.all(
          fetched.map(async (output) => ({
            shape: [...output.shape],
            data: Float32Array.from(await output.data()),
          })),
        );
        tf.dispose(fetched);
        return stageResult(stage, results);
      } finally {
        input.dispose();
      }
    },
    close() {
      model.dispose();
      return Promise.resolve();
    },
  };
}

type Inputs = Record<string, Tensor>;

/** TensorFlow.js returns one output alone. */
function asList(outputs: Tensor | Tensor[]): Tensor[] {
  return Array.isArray(outputs) ? outputs : [outputs];
}

/**
 * TensorFlow.js runs graphs with control flow or outputs of unknown size only through its asynchronous API and warns
 * if any other graph uses that API. Only an error from the synchronous API tells which one a graph needs.
 */
function graphExecutor(
  execute: (inputs: Inputs) => Tensor[],
  executeAsync: (inputs: Inputs) => Promise<Tensor[]>,
): (inputs: Inputs) => Promise<Tensor[]> {
  let needsAsync = false;
  return async (inputs) => {
    if (!needsAsync) {
      try {
        return execute(inputs);
      } catch (error) {
        if (!(error as Error).message.includes('executeAsync')) {
          throw error;
        }
        needsAsync = true;
      }
    }
    return executeAsync(inputs);
  };
}

/** TensorFlow.js can know an operation and still lack a WebAssembly kernel for it. */
function explainFailure(stage: EngineStage, error: unknown): unknown {
  const kernel = /Kernel '(\w+)' not registered/.exec((error as Error).message)?.[1];
  if (kernel === undefined) {
    return error;
  }
  return new StageNotSupportedError(
    stage.stage,
    `'${stage.path}' uses the operation ${kernel}, for which TensorFlow.js has no WebAssembly kernel; convert the ` +
      'graph to ONNX (tf2onnx) and use an onnx stage',
  );
}

function checkOperations(stage: EngineStage, graph: TfjsGraph): void {
  const known = loadOptionalPackage(
    stage.stage,
    '@tensorflow/tfjs-converter/metadata/kernel2op.json',
  ) as Readonly<Record<string, unknown>>;
  const unknown = [...graph.operations].filter((operation) => !Object.hasOwn(known, operation)).sort();
  if (unknown.length === 0) {
    return;
  }
  const [operations, are] = unknown.length === 1 ? ['operation', 'is'] : ['operations', 'are'];
  throw new StageNotSupportedError(
    stage.stage,
    `'${stage.path}' uses the ${operations} ${unknown.join(', ')}, which ${are} not supported by TensorFlow.js; ` +
      'convert the graph to ONNX (tf2onnx) and use an onnx stage',
  );
}
