import { imagesFromInput } from '../../../lib/wire/example';
import { messageType } from '../../../lib/wire/proto/load';
import type {
  ClassificationRequest,
  ClassificationRequest__Output,
} from '../../../lib/wire/proto/types/tensorflow/serving/ClassificationRequest';
import { TensorFormatError } from '../../../lib/wire/tensor-proto';
import { refusesWith } from '../refusal';

const codec = messageType<ClassificationRequest, ClassificationRequest__Output>(
  'tensorflow.serving.ClassificationRequest',
);

/** The images in tf.Example messages are read, one per example, or refused. */
export async function fuzz(data: Buffer): Promise<void> {
  let request: ClassificationRequest__Output;
  try {
    request = codec.deserialize(data);
  } catch {
    // The server answers INVALID_ARGUMENT to a message that cannot be decoded.
    return;
  }
  const { input } = request;
  const images = await refusesWith([TensorFormatError], () => imagesFromInput(input));
  const examples = (input?.exampleList ?? input?.exampleListWithContext)?.examples ?? [];
  if (images && (images.length !== examples.length || !images.every((image) => ArrayBuffer.isView(image)))) {
    throw new Error(`${examples.length} examples gave ${images.length} images`);
  }
}
