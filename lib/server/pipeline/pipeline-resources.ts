import type { AcceleratorOptions } from './accelerator/accelerator-options';

/** Limits on what a pipeline uses and accepts. */
export interface PipelineLimits {
  /**
   * Maximum number of pixels of one image, width times height before resizing. Larger images are rejected before they
   * are decoded.
   * @default 50_000_000
   */
  readonly maxImagePixels?: number | undefined;
  /**
   * Maximum number of images, or rows of an array, in one request.
   * @default 64
   */
  readonly maxBatch?: number | undefined;
  /**
   * Number of worker threads that run models in parallel. Each loads its own copy of the models.
   * @default one per core, at most 4: on two cores, two workers with one thread each serve 118 requests per second
   * and one worker with two threads serves 90 (EfficientNet-Lite0, 8 requests in flight)
   */
  readonly workers?: number | undefined;
  /**
   * Number of threads that an ONNX model may use inside one worker.
   * @default the number of cores divided by the number of workers
   */
  readonly threads?: number | undefined;
  /**
   * Milliseconds that a worker may run the models for one part of a request, which has at most 8 images. A worker that
   * takes longer counts as hung and is replaced.
   * @default 120_000
   */
  readonly maxRunMs?: number | undefined;
}

/** Limits of a pipeline, and the accelerator that it uses. */
export interface PipelineResources extends PipelineLimits {
  /**
   * Server that runs `brainwave` stages.
   * @default - the stage's `software` runs on the CPU
   */
  readonly accelerator?: AcceleratorOptions | undefined;
}
