import fc from 'fast-check';

import { imagesFromInput } from '../../lib/wire/example';
import { messageType } from '../../lib/wire/proto/load';
import type { Input, Input__Output } from '../../lib/wire/proto/types/tensorflow/serving/Input';
import type { Example } from '../../lib/wire/proto/types/tensorflow/Example';
import { TensorFormatError } from '../../lib/wire/tensor-proto';

function example(...images: Uint8Array[]): Example {
  return { features: { feature: { 'image/encoded': { bytesList: { value: images } } } } };
}

function overTheWire(input: Input): Input__Output {
  const codec = messageType<Input, Input__Output>('tensorflow.serving.Input');
  return codec.deserialize(codec.serialize(input));
}

describe('the images of tf.Example messages', () => {
  it('are read in their order, however many', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 5 }), (images) => {
        const input = overTheWire({ exampleList: { examples: images.map((image) => example(image)) } });
        expect(imagesFromInput(input).map((image) => Array.from(image))).toEqual(
          images.map((image) => Array.from(image)),
        );
      }),
    );
  });

  it('come from the context of examples that have none', () => {
    const input = overTheWire({
      exampleListWithContext: { context: example(Buffer.of(1)), examples: [{}, example(Buffer.of(2))] },
    });
    expect(imagesFromInput(input)).toEqual([Buffer.of(1), Buffer.of(2)]);
  });

  it.each<[string, Input | undefined, string]>([
    ['no input', undefined, 'got no example, expected one tf.Example per image; send them in example_list'],
    [
      'an empty list',
      { exampleList: {} },
      'got no example, expected one tf.Example per image; send them in example_list',
    ],
    [
      'an example without the feature',
      { exampleList: { examples: [{ features: { feature: { image: {}, label: {} } } }] } },
      'examples[0] has the features image, label, expected image/encoded; put the encoded image (JPEG, PNG, …) there',
    ],
    [
      'an empty example',
      { exampleList: { examples: [example(Buffer.of(1)), {}] } },
      'examples[1] has the features none, expected image/encoded; put the encoded image (JPEG, PNG, …) there',
    ],
    [
      'two images in one example',
      { exampleList: { examples: [example(Buffer.of(1), Buffer.of(2))] } },
      'examples[0] has 2 byte strings in image/encoded, expected 1; send one example per image',
    ],
  ])('are rejected: %s', (_, input, message) => {
    expect(() => imagesFromInput(input ? overTheWire(input) : null)).toThrow(new TensorFormatError(message));
  });
});
