import path from 'node:path';
import { Worker } from 'node:worker_threads';

import { resolveOptionalFile } from '../optional-packages';
import type { Pixels } from './bilinear-crop';
import type { FastJpegAnswer, FastJpegRequest } from './fast-jpeg-worker';

/** Package with libjpeg-turbo, which supports the fast transform; sharp always uses the accurate one. */
export const FAST_JPEG_PACKAGE = '@cwasm/jpeg-turbo';
const WASM_FILE = `${FAST_JPEG_PACKAGE}/jpeg-turbo.wasm`;

/** Time limit. Far above the time for any accepted image, including queued ones, but a crafted file can take minutes. */
const MAX_DECODE_MS = 30_000;

interface Pending {
  readonly resolve: (pixels: Pixels | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Decodes JPEGs with libjpeg's fast inverse transform (`JDCT_IFAST`), which TensorFlow 1 uses, on a separate thread.
 * @see https://github.com/tensorflow/tensorflow/blob/v1.10.1/tensorflow/core/kernels/decode_image_op.cc
 */
export class FastJpegDecoder {
  private readonly pending = new Map<number, Pending>();
  private worker: Worker | undefined;
  private last = 0;

  private constructor(private readonly wasmFile: string) {}

  /** @returns `undefined` if the package is not installed */
  static load(): FastJpegDecoder | undefined {
    const file = resolveOptionalFile(WASM_FILE);
    return file === undefined ? undefined : new FastJpegDecoder(file);
  }

  /** @returns RGB pixels; `undefined` if it cannot decode the file, which sharp may still be able to decode */
  decode(bytes: Uint8Array): Promise<Pixels | undefined> {
    const worker = (this.worker ??= this.start());
    this.last += 1;
    const id = this.last;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        void worker.terminate();
      }, MAX_DECODE_MS);
      this.pending.set(id, { resolve, timer });
      worker.ref();
      worker.postMessage({ id, bytes } satisfies FastJpegRequest);
    });
  }

  private start(): Worker {
    const worker = new Worker(path.join(__dirname, 'fast-jpeg-worker.js'), { workerData: this.wasmFile });
    worker.on('message', ({ id, pixels }: FastJpegAnswer) => {
      this.settle(id, pixels);
    });
    // The exit follows. Without a listener, the error would end the process.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.worker = undefined;
      for (const id of [...this.pending.keys()]) {
        this.settle(id, undefined);
      }
    });
    return worker;
  }

  private settle(id: number, pixels: Pixels | undefined): void {
    const found = this.pending.get(id);
    clearTimeout(found?.timer);
    this.pending.delete(id);
    // An idle thread must not keep the process alive.
    if (this.pending.size === 0) {
      this.worker?.unref();
    }
    found?.resolve(pixels);
  }
}
