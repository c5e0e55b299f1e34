import type { ServiceDefinitionContent } from '../../lib/service-definition/service-definition-content';
import { writeServiceDefinition } from '../../lib/service-definition/zip-writer';
import { onnxModel } from '../server/pipeline/support/onnx-model';

/** What a tiny model does to each of the three numbers of a row. */
export type TinyOperation = 'Identity' | 'Neg' | 'Abs';

export interface TinyModelOptions {
  /** @default 'Identity' */
  readonly operation?: TinyOperation;
  /** @default - none */
  readonly labels?: readonly string[];
}

/** A service definition that loads in no time: input `x`, float32 `[n, 3]`. */
export function tinyModel({ operation = 'Identity', labels }: TinyModelOptions = {}): Uint8Array {
  const content: ServiceDefinitionContent = {
    definition: {
      aml_runtime_version: '1.0',
      pipeline: [
        { type: 'onnx', name: 'tiny', model_path: 'tiny.onnx', input_tensor: 'x', output_tensor: 'y' },
      ],
    },
    files: new Map([['tiny.onnx', onnxModel({ op: operation })]]),
    ...(labels && { labels: [...labels] }),
  };
  return writeServiceDefinition(content);
}
