import { tinyModel } from '../../support/tiny-model';

/** Images in the cluster, by what their model does to its input. There is no registry: no other image can be pulled. */
export const IMAGES = {
  /** Answers with its input. */
  identity: 'localhost/scoring:identity',
  /** Answers with the negative of its input: to tests, a wrong model. */
  negative: 'localhost/scoring:negative',
} as const;

/** Service definitions by image. */
export function imageSources(): { name: string; zip: Uint8Array }[] {
  return [
    { name: IMAGES.identity, zip: tinyModel() },
    { name: IMAGES.negative, zip: tinyModel({ operation: 'Neg' }) },
  ];
}
