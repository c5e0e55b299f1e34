import type { ServiceDefinitionContent } from '../../lib/service-definition/service-definition-content';
import { writeServiceDefinition } from '../../lib/service-definition/zip-writer';
import { onnxModel } from '../server/pipeline/support/onnx-model';

/** What a tiny model does to each number of a row. */
export type TinyOperation = 'Identity' | 'Neg' | 'Abs';

export interface TinyModelOptions {
  /** @default 'Identity' */
  readonly operation?: TinyOperation;
  /** Numbers of a row. @default 3 */
  readonly columns?: number;
  /** @default - none */
  readonly labels?: readonly string[];
}

/** A service definition that loads in no time: input `x`, float32 `[n, columns]`. */
export function tinyModel({
  operation = 'Identity',
  columns = 3,
  labels,
}: TinyModelOptions = {}): Uint8Array {
  const shape = ['n', columns];
  const model = onnxModel({ op: operation, inputs: [{ name: 'x', shape }], outputs: [{ name: 'y', shape }] });
  const content: ServiceDefinitionContent = {
    definition: {
      aml_runtime_version: '1.0',
      pipeline: [
        { type: 'onnx', name: 'tiny', model_path: 'tiny.onnx', input_tensor: 'x', output_tensor: 'y' },
      ],
    },
    files: new Map([['tiny.onnx', model]]),
    ...(labels && { labels: [...labels] }),
  };
  return writeServiceDefinition(content);
}
