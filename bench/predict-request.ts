import { randomBytes } from 'node:crypto';

import { messageType } from '../dist/lib/wire/proto/load';
import type { PredictRequest } from '../dist/lib/wire/proto/types/tensorflow/serving/PredictRequest';
import { imagesToProto } from '../dist/lib/wire/tensor-proto';

/** A `PredictRequest` with one image of so many random bytes: nobody decodes it. */
export function predictRequest(imageBytes: number): Buffer {
  const type = messageType<PredictRequest, object>('tensorflow.serving.PredictRequest');
  return type.serialize({ inputs: { images: imagesToProto([randomBytes(imageBytes)]) } });
}
