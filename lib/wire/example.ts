import type { Example__Output } from './proto/types/tensorflow/Example';
import type { Input__Output } from './proto/types/tensorflow/serving/Input';
import { TensorFormatError } from './tensor-proto';

/** Name that TensorFlow's image datasets and `Classify` clients give to the feature with the encoded image. */
export const IMAGE_FEATURE = 'image/encoded';

/**
 * Decodes the image files in the `tf.Example` messages of a `Classify` request: one per example, in the feature
 * `image/encoded`. The images share the received message's memory.
 * @throws TensorFormatError if there is no example, or an example does not have exactly one image
 */
export function imagesFromInput(input: Input__Output | null): Uint8Array[] {
  const list = input?.exampleList ?? input?.exampleListWithContext;
  const examples = list?.examples ?? [];
  if (examples.length === 0) {
    throw new TensorFormatError(
      'got no example, expected one tf.Example per image; send them in example_list',
    );
  }
  const context = featuresOf(input?.exampleListWithContext?.context);
  return examples.map((example, index) => imageOf({ ...context, ...featuresOf(example) }, index));
}

type FeatureMap = NonNullable<Example__Output['features']>['feature'];

function featuresOf(example: Example__Output | null | undefined): FeatureMap {
  return example?.features?.feature ?? {};
}

function imageOf(features: FeatureMap, index: number): Uint8Array {
  if (!Object.hasOwn(features, IMAGE_FEATURE)) {
    const names = Object.keys(features).join(', ') || 'none';
    throw new TensorFormatError(
      `examples[${index}] has the features ${names}, expected ${IMAGE_FEATURE}; put the encoded image (JPEG, PNG, …) there`,
    );
  }
  const images = features[IMAGE_FEATURE].bytesList?.value ?? [];
  if (images.length !== 1) {
    throw new TensorFormatError(
      `examples[${index}] has ${images.length} byte strings in ${IMAGE_FEATURE}, expected 1; send one example per image`,
    );
  }
  return images[0];
}
