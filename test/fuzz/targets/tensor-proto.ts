import { messageType } from '../../../lib/wire/proto/load';
import type { TensorProto, TensorProto__Output } from '../../../lib/wire/proto/types/tensorflow/TensorProto';
import {
  imagesFromProto,
  TensorFormatError,
  tensorFromProto,
  tensorToProto,
} from '../../../lib/wire/tensor-proto';
import { refusesWith } from '../refusal';

const codec = messageType<TensorProto, TensorProto__Output>('tensorflow.TensorProto');
const limits = { maxElements: 100_000 };

/** What the wire format lets through is read, or refused; and what was read is written as what it was. */
export async function fuzz(data: Buffer): Promise<void> {
  let proto: TensorProto__Output;
  try {
    proto = codec.deserialize(data);
  } catch {
    // The server answers INVALID_ARGUMENT to a message that cannot be decoded.
    return;
  }
  await refusesWith([TensorFormatError], () => imagesFromProto(proto));
  const tensor = await refusesWith([TensorFormatError], () => tensorFromProto(proto, limits));
  if (tensor) {
    const again = tensorFromProto(codec.deserialize(codec.serialize(tensorToProto(tensor))));
    const bytes = ({ data: floats }: typeof tensor) => Buffer.from(floats.buffer);
    if (!bytes(again).equals(bytes(tensor)) || again.shape.join() !== tensor.shape.join()) {
      throw new Error(`[${tensor.shape.join()}] became [${again.shape.join()}] on the wire`);
    }
  }
}
