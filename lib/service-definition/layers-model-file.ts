import * as z from 'zod';

import type { Shape } from '../wire/tensor';
import type { ModelSignature } from './model-signature';
import { ServiceDefinitionError } from './service-definition-content';

const modelJsonSchema = z.object({
  format: z.string().optional(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()) })),
});

const shape = z.array(z.number().nullable()).optional().catch(undefined);

const layerSchema = z.object({
  class_name: z.string(),
  config: z.object({ name: z.string(), batch_input_shape: shape, batch_shape: shape }),
});

const topologySchema = z.object({
  class_name: z.string(),
  config: z.object({
    layers: z.array(layerSchema).min(1),
    input_layers: z.array(z.tuple([z.string()]).rest(z.unknown())).optional(),
  }),
});

/** A TensorFlow.js layers model, read and validated. */
interface LayersModelFile {
  /** Weight files that `model.json` references, by name. */
  readonly weights: ReadonlyMap<string, Uint8Array>;
  /** Inputs, and every layer as a possible output; `undefined` if the topology does not declare them in a known form. */
  readonly signature: ModelSignature | undefined;
}

/**
 * Reads the `model.json` of a TensorFlow.js layers model and the weight files that it references.
 * @param read reads a file in the folder of `model.json`
 * @throws ServiceDefinitionError if the JSON is not a layers model, or references a file outside of its folder
 */
export function readLayersModel(
  stage: string,
  file: string,
  content: Uint8Array,
  read: (name: string) => Uint8Array,
): LayersModelFile {
  const fail = (problem: string, cause?: unknown): never => {
    throw new ServiceDefinitionError(
      `stage "${stage}": ${file} ${problem}; expected the model.json of a TensorFlow.js layers model ` +
        '(tensorflowjs_converter --output_format tfjs_layers_model), or a frozen GraphDef (.pb)',
      { cause },
    );
  };
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(content).toString('utf8'));
  } catch (error) {
    return fail('is not JSON', error);
  }
  const parsed = modelJsonSchema.safeParse(json);
  if (!parsed.success) {
    return fail('has no modelTopology with a weightsManifest', parsed.error);
  }
  const { format = 'layers-model', modelTopology, weightsManifest } = parsed.data;
  if (format !== 'layers-model') {
    return fail(`has the format "${format}"`);
  }
  const names = weightsManifest.flatMap(({ paths }) => paths);
  for (const name of names) {
    if (!isBeside(name)) {
      return fail(`references the weight file "${name}", which is not in its folder`);
    }
  }
  return { weights: new Map(names.map((name) => [name, read(name)])), signature: signatureOf(modelTopology) };
}

/** Keras writes a topology below `model_config`, TensorFlow.js without it. */
function signatureOf(modelTopology: Readonly<Record<string, unknown>>): ModelSignature | undefined {
  const parsed = topologySchema.safeParse(modelTopology.model_config ?? modelTopology);
  if (!parsed.success) {
    return undefined;
  }
  const { class_name: className, config } = parsed.data;
  const inputs = className === 'Sequential' ? [sequentialInput(config.layers)] : inputsOf(config);
  return {
    inputs: new Map(inputs),
    outputs: new Map(config.layers.map((layer) => [layer.config.name, undefined])),
  };
}

type LayerJson = z.infer<typeof layerSchema>;

/** A Sequential model has its own input layer, or one that TensorFlow.js adds and names after the first layer. */
function sequentialInput(layers: readonly LayerJson[]): readonly [string, Shape | undefined] {
  const [first] = layers;
  const { name } = first.config;
  return [first.class_name === 'InputLayer' ? name : `${name}_input`, inputShape(first)];
}

function inputsOf({
  layers,
  input_layers: inputLayers = [],
}: z.infer<typeof topologySchema>['config']): (readonly [string, Shape | undefined])[] {
  return inputLayers.map(([name]) => {
    const layer = layers.find((each) => each.config.name === name);
    return [name, layer && inputShape(layer)];
  });
}

function inputShape({ config }: LayerJson): Shape | undefined {
  return (config.batch_input_shape ?? config.batch_shape)?.map((size) => size ?? -1);
}

/** Returns whether a name stays in the folder. The zip reader rejects other names. */
function isBeside(name: string): boolean {
  return (
    name !== '' && !/[\\\0:]/.test(name) && name.split('/').every((part) => !['', '.', '..'].includes(part))
  );
}
