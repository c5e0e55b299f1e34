/** How much one call carries. */
export interface BatchLimits {
  /** Bytes of images. */
  readonly maxBytes: number;
  /** Number of images. */
  readonly maxImages: number;
}

/**
 * Splits images into batches in their order, each as large as the limits allow. An image that is larger
 * than a batch goes alone: whether it is too large is for the limit on messages to say.
 */
export function splitIntoBatches(images: readonly Uint8Array[], limits: BatchLimits): Uint8Array[][] {
  const batches: Uint8Array[][] = [];
  let batch: Uint8Array[] = [];
  let bytes = 0;
  for (const image of images) {
    const full = batch.length >= limits.maxImages || bytes + image.length > limits.maxBytes;
    if (batch.length > 0 && full) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(image);
    bytes += image.length;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}
