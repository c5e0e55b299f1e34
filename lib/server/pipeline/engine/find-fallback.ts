import { decodeGraphDef } from '../../../tensorflow/graph-def/decode-graph-def';
import { prepareGraph } from '../../../tensorflow/graph-def/prepare-graph';
import { layersGraph } from '../../../tensorflow/keras/layers-graph';
import { UntranslatableError } from '../../../tensorflow/onnx/operation';
import { translateGraph } from '../../../tensorflow/onnx/translate-graph';
import { fetchedTensors, type EngineStage, type ModelFiles } from './engine';
import { readArtifacts } from './layers-engine';

/**
 * Finds out whether a stage would run in TensorFlow.js, without loading an engine.
 * @returns why it would; `undefined` if it runs in onnxruntime or not at all
 */
export function findFallback(stage: EngineStage, files: ModelFiles): string | undefined {
  const file = files.get(stage.path);
  if (file === undefined || stage.engine === 'onnx') {
    return undefined;
  }
  try {
    const outputs = fetchedTensors(stage);
    translateGraph(
      stage.engine === 'keras' && stage.path.endsWith('.json')
        ? layersGraph(readArtifacts(stage, file, files), stage.input, outputs)
        : prepareGraph(decodeGraphDef(file), stage.input, outputs),
    );
    return undefined;
  } catch (error) {
    return error instanceof UntranslatableError ? error.message : undefined;
  }
}
