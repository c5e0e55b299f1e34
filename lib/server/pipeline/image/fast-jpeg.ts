import { readFileSync } from 'node:fs';

import { resolveOptionalFile } from '../optional-packages';
import type { Pixels } from './bilinear-crop';

/** Package with libjpeg-turbo, which supports the fast transform; sharp always uses the accurate one. */
export const FAST_JPEG_PACKAGE = '@cwasm/jpeg-turbo';
const WASM_FILE = `${FAST_JPEG_PACKAGE}/jpeg-turbo.wasm`;

/** Each scan of a progressive file decodes the whole image again. Encoders write about ten; libvips accepts 100. */
const MAX_SCANS = 100;
const START_OF_SCAN = Buffer.from([0xff, 0xda]);

// The types of Node 20 do not declare it.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

/** Functions of libjpeg-turbo's TurboJPEG API. Pointers are offsets in `memory`. */
interface TurboJpeg {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  tjInitDecompress(): number;
  tjDecompressHeader3(
    handle: number,
    jpeg: number,
    size: number,
    width: number,
    height: number,
    subsampling: number,
    colorSpace: number,
  ): number;
  tjDecompress2(
    handle: number,
    jpeg: number,
    size: number,
    target: number,
    width: number,
    pitch: number,
    height: number,
    pixelFormat: number,
    flags: number,
  ): number;
}

// @see https://github.com/libjpeg-turbo/libjpeg-turbo/blob/2.0.x/turbojpeg.h
const TJPF_RGB = 0;
const TJFLAG_FASTDCT = 2048;

const refuse = (): never => {
  throw new Error('libjpeg-turbo reported an error');
};
const imports = {
  // libjpeg-turbo exits its decoder with longjmp if a file is damaged.
  env: { setjmp: () => 0, longjmp: refuse },
  wasi_snapshot_preview1: {
    environ_sizes_get: () => 0,
    environ_get: refuse,
    proc_exit: refuse,
    fd_close: () => 0,
    fd_seek: () => 0,
    fd_write: () => 0,
  },
};

/**
 * Decodes JPEGs with libjpeg's fast inverse transform (`JDCT_IFAST`), which TensorFlow 1 uses. It computes on the calling
 * thread.
 * @see https://github.com/tensorflow/tensorflow/blob/v1.10.1/tensorflow/core/kernels/decode_image_op.cc
 */
export class FastJpegDecoder {
  private constructor(private readonly module: object) {}

  /** @returns `undefined` if the package is not installed */
  static load(): FastJpegDecoder | undefined {
    const file = resolveOptionalFile(WASM_FILE);
    return file === undefined ? undefined : new FastJpegDecoder(new WebAssembly.Module(readFileSync(file)));
  }

  /** Whether the package is installed. */
  static get isInstalled(): boolean {
    return resolveOptionalFile(WASM_FILE) !== undefined;
  }

  /**
   * @param shrink 1, 2, 4 or 8: divides both sides while decoding, like `ratio` of `tf.io.decode_jpeg`
   * @returns RGB pixels; `undefined` if it cannot decode the file, which sharp may still be able to decode
   */
  decode(bytes: Buffer, shrink: number): Pixels | undefined {
    if (hasTooManyScans(bytes)) {
      return undefined;
    }
    try {
      return decode(this.module, bytes, shrink);
    } catch {
      // sharp reports what is wrong with the file.
      return undefined;
    }
  }
}

/** Creates separate memory for each file, so that images cannot affect each other and large memory is released. */
function decode(module: object, bytes: Uint8Array, shrink: number): Pixels | undefined {
  const turbo = new WebAssembly.Instance(module, imports).exports as TurboJpeg;
  const jpeg = turbo.malloc(bytes.length);
  new Uint8Array(turbo.memory.buffer, jpeg, bytes.length).set(bytes);
  const handle = turbo.tjInitDecompress();
  const header = turbo.malloc(16);
  const [at, size] = [jpeg, bytes.length];
  if (turbo.tjDecompressHeader3(handle, at, size, header, header + 4, header + 8, header + 12) !== 0) {
    return undefined;
  }
  const [fullWidth = 0, fullHeight = 0] = new Int32Array(turbo.memory.buffer, header, 2);
  const [width, height] = [Math.ceil(fullWidth / shrink), Math.ceil(fullHeight / shrink)];
  const target = turbo.malloc(width * height * 3);
  if (target === 0) {
    return undefined;
  }
  const status = turbo.tjDecompress2(
    handle,
    at,
    size,
    target,
    width,
    width * 3,
    height,
    TJPF_RGB,
    TJFLAG_FASTDCT,
  );
  if (status !== 0) {
    return undefined;
  }
  const data = Uint8Array.from(new Uint8Array(turbo.memory.buffer, target, width * height * 3));
  return { width, height, channels: 3, data };
}

function hasTooManyScans(bytes: Buffer): boolean {
  let scans = 0;
  for (let at = bytes.indexOf(START_OF_SCAN); at >= 0; at = bytes.indexOf(START_OF_SCAN, at + 2)) {
    scans += 1;
    if (scans > MAX_SCANS) {
      return true;
    }
  }
  return false;
}
