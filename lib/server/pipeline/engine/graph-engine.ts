import type { InferenceSession } from 'onnxruntime-node';

import { decodeGraphDef } from '../../../tensorflow/graph-def/decode-graph-def';
import { GraphProblem } from '../../../tensorflow/graph-def/graph-node';
import { prepareGraph, type PreparedGraph } from '../../../tensorflow/graph-def/prepare-graph';
import { UntranslatableError } from '../../../tensorflow/onnx/operation';
import { ONNX_INPUT, onnxOutput, translateGraph } from '../../../tensorflow/onnx/translate-graph';
import { nodeName } from '../../../wire/tensor';
import { requireTfjs } from '../optional-packages';
import { ModelLoadError } from '../pipeline-errors';
import { fetchedTensors, type Engine, type EngineStage } from './engine';
import { createSession, sessionEngine } from './onnx-engine';
import { loadTfjsGraphEngine } from './tfjs-graph-engine';

/**
 * Loads a frozen TensorFlow GraphDef into ONNX Runtime. A graph that cannot be translated runs in TensorFlow.js.
 * @throws ModelLoadError if the file is invalid or the graph does not have a tensor
 * @throws StageNotSupportedError if neither engine supports an operation
 */
export async function loadGraphEngine(
  stage: EngineStage,
  file: Uint8Array,
  threads: number,
): Promise<Engine> {
  try {
    const graph = prepareGraph(decodeGraphDef(file), stage.input, fetchedTensors(stage));
    const session = await openTranslated(stage, graph, threads);
    if (typeof session === 'string') {
      requireTfjs(stage.stage, `'${stage.path}': ${session}`);
      return { ...(await loadTfjsGraphEngine(stage, graph)), fallback: session };
    }
    return sessionEngine(
      stage,
      session,
      { name: nodeName(stage.input), shape: graph.input.shape },
      ONNX_INPUT,
      graph.outputs.map((_, index) => onnxOutput(index)),
    );
  } catch (error) {
    throw error instanceof GraphProblem
      ? new ModelLoadError(stage.stage, `'${stage.path}' ${error.message}`)
      : error;
  }
}

/** @returns why the graph cannot run in onnxruntime if it cannot */
async function openTranslated(
  stage: EngineStage,
  graph: PreparedGraph,
  threads: number,
): Promise<InferenceSession | string> {
  let model: Buffer;
  try {
    model = translateGraph(graph);
  } catch (error) {
    if (error instanceof UntranslatableError) {
      return error.message;
    }
    throw error;
  }
  try {
    return await createSession(stage, model, threads);
  } catch (error) {
    return `onnxruntime does not load the translated graph (${(error as Error).message.split('\n')[0] ?? ''})`;
  }
}
