import { randomBytes } from 'node:crypto';

import { messageType } from '../dist/lib/wire/proto/load';
import type { PredictRequest } from '../dist/lib/wire/proto/types/tensorflow/serving/PredictRequest';
import { imagesToProto } from '../dist/lib/wire/tensor-proto';

/** Returns a `PredictRequest` with one image of random bytes, which no one decodes. */
export function predictRequest(imageBytes: number): Buffer {
  const type = messageType<PredictRequest, object>('tensorflow.serving.PredictRequest');
  return type.serialize({ inputs: { images: imagesToProto([randomBytes(imageBytes)]) } });
}
