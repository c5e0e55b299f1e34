import { ModelLoadError } from '../pipeline-errors';
import type { Engine, EngineStage, ModelFiles } from './engine';
import { loadGraphEngine } from './graph-engine';
import { loadLayersEngine } from './layers-engine';
import { loadOnnxEngine } from './onnx-engine';

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
      return loadOnnxEngine(stage, file, threads);
    case 'tensorflow':
      return loadGraphEngine(stage, file, threads);
    case 'keras':
      return stage.path.endsWith('.json')
        ? loadLayersEngine(stage, file, files, threads)
        : loadGraphEngine(stage, file, threads);
  }
}
