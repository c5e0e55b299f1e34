import type { ServiceDefinitionContent } from '../../lib/service-definition/service-definition-content';
import { writeServiceDefinition } from '../../lib/service-definition/zip-writer';
import { onnxModel } from '../server/pipeline/support/onnx-model';

/** Classes of the color models, which are the color channels of a single pixel. */
export const COLORS = ['red', 'green', 'blue'];

/**
 * A model that loads in no time: the average color of an image are its probabilities of red, green and blue.
 * @param brightest probability of a channel that is fully lit
 */
export function colorModel(name: string, order: 'RGB' | 'BGR', brightest = 1): Uint8Array {
  const content: ServiceDefinitionContent = {
    definition: {
      aml_runtime_version: '1.0',
      pipeline: [
        {
          type: 'image',
          name: 'image',
          resize: 1,
          crop: 1,
          channels: 3,
          method: 'bilinear',
          mean: [0],
          scale: brightest / 255,
          order,
        },
        { type: 'onnx', name, model_path: 'color.onnx', input_tensor: 'pixel', output_tensor: 'color' },
      ],
    },
    files: new Map([
      [
        'color.onnx',
        onnxModel({
          op: 'Flatten',
          inputs: [{ name: 'pixel', shape: ['n', 1, 1, 3] }],
          outputs: [{ name: 'color', shape: ['n', 3] }],
        }),
      ],
    ]),
    labels: COLORS,
  };
  return writeServiceDefinition(content);
}
