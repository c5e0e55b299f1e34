import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

import type { Pixels } from './bilinear-crop';

export interface FastJpegRequest {
  readonly id: number;
  readonly bytes: Uint8Array;
}

export interface FastJpegAnswer {
  readonly id: number;
  readonly pixels?: Pixels | undefined;
}

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

const turboJpeg = new WebAssembly.Module(readFileSync(workerData as string));

/** Creates separate memory for each file, so that images cannot affect each other and large memory is released. */
function decode(bytes: Uint8Array): Pixels | undefined {
  const turbo = new WebAssembly.Instance(turboJpeg, imports).exports as TurboJpeg;
  const jpeg = turbo.malloc(bytes.length);
  new Uint8Array(turbo.memory.buffer, jpeg, bytes.length).set(bytes);
  const handle = turbo.tjInitDecompress();
  const header = turbo.malloc(16);
  const [at, size] = [jpeg, bytes.length];
  if (turbo.tjDecompressHeader3(handle, at, size, header, header + 4, header + 8, header + 12) !== 0) {
    return undefined;
  }
  const [width = 0, height = 0] = new Int32Array(turbo.memory.buffer, header, 2);
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

parentPort?.on('message', ({ id, bytes }: FastJpegRequest) => {
  let pixels: Pixels | undefined;
  try {
    pixels = decode(bytes);
  } catch {
    // sharp reports what is wrong with the file.
  }
  const transfer = pixels ? [pixels.data.buffer as ArrayBuffer] : [];
  parentPort?.postMessage({ id, pixels } satisfies FastJpegAnswer, transfer);
});
