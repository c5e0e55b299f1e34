import type { ServiceDefinitionContent } from '../../../lib/service-definition/service-definition-content';
import { writeServiceDefinition } from '../../../lib/service-definition/zip-writer';
import { sampleServiceDefinition } from '../../support/sample-service-definition';
import { onnxModel } from '../../server/pipeline/support/onnx-model';

/** Classes of the color models, which are the color channels of a single pixel. */
export const LABELS = ['red', 'green', 'blue'];

/** Images in the cluster. There is no registry: no other image can be pulled. */
export const IMAGES = {
  /** Its model recognizes colors. */
  first: 'localhost/scoring:first',
  /** Another version of the model, which gives the same answers. */
  second: 'localhost/scoring:second',
  /** Its model mistakes red for blue. */
  wrong: 'localhost/scoring:wrong',
  /** What `examples/kubernetes` deploys. */
  example: 'localhost/efficientnet-lite0:1',
} as const;

/** Service definitions by image. */
export function imageSources(): { name: string; zip: Uint8Array }[] {
  return [
    { name: IMAGES.first, zip: colorModel('first', 'RGB') },
    { name: IMAGES.second, zip: colorModel('second', 'RGB') },
    { name: IMAGES.wrong, zip: colorModel('wrong', 'BGR') },
    { name: IMAGES.example, zip: sampleServiceDefinition()._toZip() },
  ];
}

/** A model that loads in no time: the average color of an image are its probabilities of red, green and blue. */
function colorModel(name: string, order: 'RGB' | 'BGR'): Uint8Array {
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
          scale: 1 / 255,
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
    labels: LABELS,
  };
  return writeServiceDefinition(content);
}
