import { z } from 'zod';

import { ServiceDefinitionError } from './service-definition-content';

const modelJsonSchema = z.object({
  format: z.string().optional(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()) })),
});

/**
 * Returns the weight files that the `model.json` of a TensorFlow.js layers model references, by name.
 * @param read reads a file in the folder of `model.json`
 * @throws ServiceDefinitionError if the JSON is not a layers model, or references a file outside of its folder
 */
export function readLayersModel(
  stage: string,
  file: string,
  content: Uint8Array,
  read: (name: string) => Uint8Array,
): ReadonlyMap<string, Uint8Array> {
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
  const { format = 'layers-model', weightsManifest } = parsed.data;
  if (format !== 'layers-model') {
    return fail(`is a model of the format "${format}"`);
  }
  const names = weightsManifest.flatMap(({ paths }) => paths);
  for (const name of names) {
    if (!isBeside(name)) {
      return fail(`names the weight file "${name}", which is not beside it`);
    }
  }
  return new Map(names.map((name) => [name, read(name)]));
}

/** Returns whether a name stays in the folder. The zip reader rejects other names. */
function isBeside(name: string): boolean {
  return (
    name !== '' && !/[\\\0:]/.test(name) && name.split('/').every((part) => !['', '.', '..'].includes(part))
  );
}
