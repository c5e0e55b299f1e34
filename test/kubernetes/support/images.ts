import { sampleServiceDefinition } from '../../support/sample-service-definition';
import { colorModel } from '../../support/color-model';

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
