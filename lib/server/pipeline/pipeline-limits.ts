/** What a pipeline may use. */
export interface PipelineLimits {
  /**
   * The most pixels of one image, width times height before it is resized; a larger one is refused before
   * it is decoded.
   * @default 50_000_000
   */
  readonly maxImagePixels?: number;
  /**
   * The most images, or rows of an array, in one request.
   * @default 64
   */
  readonly maxBatch?: number;
  /**
   * How many worker threads run models side by side. Each holds the models once.
   * @default one a core, at most 4: on two cores two workers of one thread answer 118 requests a second
   * where one worker of two threads answers 90 (EfficientNet-Lite0, 8 at once)
   */
  readonly workers?: number;
  /**
   * How many threads an ONNX model may use inside one worker.
   * @default the cores divided by the workers
   */
  readonly threads?: number;
  /**
   * Milliseconds that a worker may run the models for one part of a request, which has at most 8 images; one that
   * takes longer is taken to hang, and is replaced.
   * @default 120_000
   */
  readonly maxRunMs?: number;
}
