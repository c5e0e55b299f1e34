import { ModelLoadError } from '../pipeline-errors';
import type { Engine, EngineStage, ModelFiles } from './engine';

// A thread loads only the engines that its stages need: each loads for up to a tenth of a second.
const engines = {
  onnx: () => require('./onnx-engine') as typeof import('./onnx-engine'),
  graph: () => require('./graph-engine') as typeof import('./graph-engine'),
  layers: () => require('./layers-engine') as typeof import('./layers-engine'),
};

/**
 * Loads the model of one stage.
 * @param threads maximum number of threads, for engines that can use several
 * @throws ModelLoadError if the model file is missing or invalid
 * @throws StageNotSupportedError if the engine cannot run the model
 */
export async function loadEngine(stage: EngineStage, files: ModelFiles, threads: number): Promise<Engine> {
  const file = files.get(stage.path);
  if (file === undefined) {
    throw new ModelLoadError(
      stage.stage,
      `its file '${stage.path}' is not in the service definition; add it`,
    );
  }
  if (file.length === 0) {
    throw new ModelLoadError(stage.stage, `its file '${stage.path}' is empty; export the model again`);
  }
  switch (stage.engine) {
    case 'onnx':
      return engines.onnx().loadOnnxEngine(stage, file, threads);
    case 'tensorflow':
      return engines.graph().loadGraphEngine(stage, file, threads);
    case 'keras':
      return stage.path.endsWith('.json')
        ? engines.layers().loadLayersEngine(stage, file, files, threads)
        : engines.graph().loadGraphEngine(stage, file, threads);
  }
}
