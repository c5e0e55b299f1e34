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
    return await loadTranslated(
      stage,
      () => graph,
      threads,
      () => loadTfjsGraphEngine(stage, graph),
    );
  } catch (error) {
    throw error instanceof GraphProblem
      ? new ModelLoadError(stage.stage, `'${stage.path}' ${error.message}`)
      : error;
  }
}

/**
 * Loads a graph into ONNX Runtime, or another engine if that is not possible.
 * @param prepare returns the graph; may throw UntranslatableError
 * @throws GraphProblem if the graph is invalid
 * @throws StageNotSupportedError if TensorFlow.js is needed and not installed
 */
export async function loadTranslated(
  stage: EngineStage,
  prepare: () => PreparedGraph,
  threads: number,
  otherwise: () => Promise<Engine>,
): Promise<Engine> {
  const opened = await openTranslated(stage, prepare, threads);
  if (typeof opened === 'string') {
    requireTfjs(stage.stage, `'${stage.path}' ${opened}`);
    return { ...(await otherwise()), fallback: opened };
  }
  const { session, shape } = opened;
  const outputs = fetchedTensors(stage).map((_, index) => onnxOutput(index));
  return sessionEngine(stage, session, { name: nodeName(stage.input), shape }, ONNX_INPUT, outputs);
}

/** @returns why the graph cannot run in onnxruntime if it cannot */
async function openTranslated(
  stage: EngineStage,
  prepare: () => PreparedGraph,
  threads: number,
): Promise<{ readonly session: InferenceSession; readonly shape: readonly number[] } | string> {
  let model: Buffer;
  let shape: readonly number[];
  try {
    const graph = prepare();
    ({ shape } = graph.input);
    model = translateGraph(graph);
  } catch (error) {
    if (error instanceof UntranslatableError) {
      return error.message;
    }
    throw error;
  }
  try {
    return { session: await createSession(stage, model, threads), shape };
  } catch (error) {
    return `is translated to a graph that onnxruntime does not load (${(error as Error).message.split('\n')[0] ?? ''})`;
  }
}
