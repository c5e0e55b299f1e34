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
   * Number of worker threads that decode images and run models in parallel. Each loads its own copy of the models. A worker
   * computes with one thread if there are as many workers as cores; the first one uses all cores, for requests that come
   * alone.
   * @default one per core, at most 8, and as many as fit into half of the memory (60 MiB and four times the size of
   * the model files each). Cores and memory are those of the container, if it has limits
   */
  readonly workers?: number | undefined;
  /**
   * Milliseconds that a worker may decode and run one part of a request, which has at most 8 images. A worker that
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
