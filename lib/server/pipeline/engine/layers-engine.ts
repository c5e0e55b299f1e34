import path from 'node:path';

import type { io } from '@tensorflow/tfjs-core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import * as z from 'zod';

import { type FloatTensor, nodeName } from '../../../wire/tensor';
import { ModelLoadError, StageNotSupportedError } from '../pipeline-errors';
import { loadOptionalPackage } from '../optional-packages';
import { layersGraph, type LayersModelFiles } from '../../../tensorflow/keras/layers-graph';
import { fetchedTensors, stageResult, type Engine, type EngineStage, type ModelFiles } from './engine';
import { loadTranslated } from './graph-engine';
import { loadTfjs } from './tfjs';

type Layers = typeof import('@tensorflow/tfjs-layers');

const modelJsonSchema = z.object({
  format: z.string().optional(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(
    z.object({ paths: z.array(z.string()), weights: z.array(z.record(z.string(), z.unknown())) }),
  ),
});

/**
 * Loads a TensorFlow.js layers model: `model.json` and the weight files that it references, in the same folder. It runs in
 * ONNX Runtime if its layers can be translated, otherwise in TensorFlow.js.
 * @throws ModelLoadError if a file is invalid or missing, or the model does not have a tensor
 * @throws StageNotSupportedError if TensorFlow.js does not support a layer
 */
export async function loadLayersEngine(
  stage: EngineStage,
  file: Uint8Array,
  files: ModelFiles,
  threads: number,
): Promise<Engine> {
  const artifacts = readArtifacts(stage, file, files);
  return loadTranslated(
    stage,
    () => layersGraph(artifacts, stage.input, fetchedTensors(stage)),
    threads,
    () => loadTfjsLayersEngine(stage, artifacts),
  );
}

async function loadTfjsLayersEngine(stage: EngineStage, artifacts: LayersArtifacts): Promise<Engine> {
  const tf = await loadTfjs(stage.stage);
  const layers = loadOptionalPackage(stage.stage, '@tensorflow/tfjs-layers') as Layers;
  const loaded = await loadModel(layers, stage, artifacts);
  const input = loaded.inputs.at(0);
  if (input === undefined || loaded.inputs.length > 1) {
    throw new ModelLoadError(
      stage.stage,
      `'${stage.path}' has ${loaded.inputs.length} inputs, but a stage feeds only one; export it with one input`,
    );
  }
  const inputNames = namesOf(loaded.inputs);
  checkName(stage, 'input', stage.input, inputNames, inputNames);
  const outputs = fetchedTensors(stage).map((tensor) => findOutput(stage, loaded, tensor));
  const model = layers.model({ inputs: input, outputs });
  return {
    input: { name: nodeName(stage.input), shape: input.shape.map((size) => size ?? -1) },
    async run({ shape, data }: FloatTensor) {
      const fed = tf.tensor(data, [...shape], 'float32');
      const predicted = tf.tidy(() => model.predict(fed, { batchSize: shape[0] ?? 1 }));
      const list = Array.isArray(predicted) ? predicted : [predicted];
      const results = await Promise.all(
        list.map(async (result) => ({
          shape: [...result.shape],
          data: Float32Array.from(await result.data()),
        })),
      );
      tf.dispose([fed, ...list]);
      return stageResult(stage, results);
    },
    close() {
      loaded.dispose();
      return Promise.resolve();
    },
  };
}

type LayersArtifacts = io.ModelArtifacts & LayersModelFiles;

/**
 * Reads a layers model without loading it.
 * @throws ModelLoadError if a file is invalid or missing
 */
export function readArtifacts(stage: EngineStage, file: Uint8Array, files: ModelFiles): LayersArtifacts {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(file).toString('utf8'));
  } catch {
    throw new ModelLoadError(stage.stage, `'${stage.path}' is not JSON; export the layers model again`);
  }
  const parsed = modelJsonSchema.safeParse(json);
  if (!parsed.success) {
    throw new ModelLoadError(
      stage.stage,
      `'${stage.path}' is not a TensorFlow.js layers model (no modelTopology or weightsManifest); ` +
        'create it with `tensorflowjs_converter --output_format tfjs_layers_model`',
    );
  }
  const { format, modelTopology, weightsManifest } = parsed.data;
  if (format === 'graph-model') {
    throw new ModelLoadError(
      stage.stage,
      `'${stage.path}' is a TensorFlow.js graph model; use the layers model or the frozen GraphDef (.pb)`,
    );
  }
  const folder = path.posix.dirname(stage.path);
  const weightData = weightsManifest
    .flatMap((part) => part.paths)
    .map((name) => {
      const entry = path.posix.join(folder, name);
      const bytes = files.get(entry);
      if (bytes === undefined) {
        throw new ModelLoadError(
          stage.stage,
          `'${stage.path}' references the weight file '${name}', but '${entry}' is not in the service definition; add it`,
        );
      }
      return Uint8Array.from(bytes).buffer;
    });
  const weightSpecs = weightsManifest.flatMap(
    (part) => part.weights,
  ) as unknown as io.WeightsManifestEntry[] & LayersModelFiles['weightSpecs'];
  return { modelTopology, weightSpecs, weightData };
}

async function loadModel(
  layers: Layers,
  stage: EngineStage,
  artifacts: io.ModelArtifacts,
): Promise<LayersModel> {
  try {
    return await layers.loadLayersModel({ load: () => Promise.resolve(artifacts) });
  } catch (error) {
    const message = (error as Error).message;
    const unknown = /Unknown layer: (\S+?)\.? /.exec(message)?.[1];
    if (unknown !== undefined) {
      throw new StageNotSupportedError(
        stage.stage,
        `'${stage.path}' uses the layer ${unknown}, which TensorFlow.js does not support; convert the model to ` +
          'ONNX (tf2onnx) and use an onnx stage',
      );
    }
    throw new ModelLoadError(
      stage.stage,
      `'${stage.path}': ${message.split('\n')[0] ?? ''}; export the layers model and its weights again`,
    );
  }
}

function findOutput(stage: EngineStage, model: LayersModel, tensor: string): SymbolicTensor {
  const names = model.layers.map((layer) => layer.name);
  const name = checkName(stage, 'output', tensor, [...model.outputNames, ...names], namesOf(model.outputs));
  const output =
    model.outputs[model.outputNames.indexOf(name)] ?? model.getLayer(name.split('/')[0] ?? name).output;
  if (Array.isArray(output)) {
    throw new ModelLoadError(
      stage.stage,
      `layer '${name}' has several outputs; name a layer with one output`,
    );
  }
  return output;
}

/** The layers that tensors belong to. A Sequential model has no `inputNames` and `outputNames`. */
function namesOf(tensors: readonly SymbolicTensor[]): readonly string[] {
  return tensors.map((tensor) => tensor.sourceLayer.name);
}

function checkName(
  stage: EngineStage,
  side: 'input' | 'output',
  wanted: string,
  accepted: readonly string[],
  suggested: readonly string[],
): string {
  const found = [wanted, nodeName(wanted)].find((name) => accepted.includes(name));
  if (found === undefined) {
    throw new ModelLoadError(
      stage.stage,
      `'${stage.path}' has no ${side} '${wanted}'; set ${side}Tensor to one of: ` +
        suggested.map((name) => `'${name}'`).join(', '),
    );
  }
  return found;
}
