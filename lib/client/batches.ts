/** Limits of one call. */
export interface BatchLimits {
  /** Maximum size of all images, in bytes. */
  readonly maxBytes: number;
  /** Maximum number of images. */
  readonly maxImages: number;
}

/**
 * Splits images into batches as large as the limits allow, in order. An image that exceeds the byte limit on its own gets its
 * own batch; the message size limit decides whether it can be sent.
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
