import type { Sharp } from 'sharp';

import { imageShape } from '../../../service-definition/service-definition-content';
import type { ImageStageJson } from '../../../service-definition/service-definition-json';
import { elementCount, type FloatTensor } from '../../../wire/tensor';
import { InvalidImageError } from '../pipeline-errors';
import { loadOptionalPackage } from '../optional-packages';
import {
  bilinearCrop,
  centralWindow,
  cornerTaps,
  halfPixelTaps,
  truncatedWindow,
  type CropWindow,
  type Fit,
  type Pixels,
  type Taps,
} from './bilinear-crop';
import { FastJpegDecoder } from './fast-jpeg';
import { ACCEPTED_FORMATS, FORMATS } from '../../../validation/image-format';
import { turnUpright } from './orientation';

type SharpModule = typeof import('sharp');

/** How a method of an image stage differs from the others. */
interface Method {
  readonly window: (width: number, height: number, fit: Fit) => CropWindow;
  /** Where bilinear resizing reads, or the kernel with which sharp resizes. */
  readonly by: Taps | 'nearest' | 'cubic' | 'lanczos3';
  /** Whether images are turned upright by their EXIF orientation. */
  readonly autoOrient: boolean;
  /** Whether JPEGs are decoded with libjpeg's fast transform. */
  readonly fastJpeg?: true | undefined;
  /** How JPEGs are decoded unless the stage says it. */
  readonly decode: 'exact' | 'scaled';
  /**
   * How many times larger than the result a scaled JPEG must at least be. Kernels that filter need twice the size to
   * give what they give for the whole image; bilinear resizing reads four pixels, wherever they come from.
   */
  readonly margin: number;
}

const methods: Readonly<Record<ImageStageJson['method'], Method>> = {
  bilinear: { window: centralWindow, by: halfPixelTaps, autoOrient: true, decode: 'exact', margin: 1 },
  'bilinear-tf1': {
    window: truncatedWindow,
    by: cornerTaps,
    // TensorFlow's decoders do not read EXIF.
    autoOrient: false,
    fastJpeg: true,
    decode: 'exact',
    margin: 1,
  },
  nearest: { window: centralWindow, by: 'nearest', autoOrient: true, decode: 'exact', margin: 1 },
  cubic: { window: centralWindow, by: 'cubic', autoOrient: true, decode: 'scaled', margin: 2 },
  lanczos3: { window: centralWindow, by: 'lanczos3', autoOrient: true, decode: 'scaled', margin: 2 },
};

/** Divisors of both sides with which libjpeg decodes in a fraction of the time. */
const SHRINKS: readonly number[] = [8, 4, 2];

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Decodes images and converts them to numbers as an image stage declares: rotated upright by their EXIF orientation,
 * without alpha, without color management (like TensorFlow's decoders), the shorter side scaled to `resize` (both sides if
 * the aspect ratio is not preserved), cropped to the central square of `crop` pixels, then `(pixel - mean) * scale / std` in float32.
 *
 * Resizing computes on the calling thread, so call it in a worker thread.
 */
export class ImageDecoder {
  private readonly method: Method;
  private readonly fastJpeg: FastJpegDecoder | undefined;
  /**
   * Result of the last call. It is used again, because V8 runs a garbage collection for every 10 MB of array memory,
   * which takes as much processor time as the transport of the images.
   */
  private memory = new Float32Array(0);

  private constructor(
    private readonly sharp: SharpModule,
    private readonly stage: ImageStageJson,
    private readonly maxPixels: number,
  ) {
    this.method = methods[stage.method];
    this.fastJpeg = usesFastJpeg(stage) ? FastJpegDecoder.load() : undefined;
  }

  /** @throws StageNotSupportedError if sharp is not installed */
  static load(stage: ImageStageJson, maxPixels: number): ImageDecoder {
    const sharp = loadOptionalPackage(stage.name, 'sharp') as SharpModule;
    // Every image is another one, so nothing of libvips' cache would be used again.
    sharp.cache(false);
    // Workers decode in parallel. More threads per image would only compete with them.
    sharp.concurrency(1);
    return new ImageDecoder(sharp, stage, maxPixels);
  }

  /**
   * Decodes images into one float32 array of the stage's shape.
   * @param images with the first bytes of an accepted format
   * @returns an array whose content changes with the next call
   * @throws InvalidImageError for the first image that is not accepted
   */
  async decode(images: readonly Uint8Array[]): Promise<FloatTensor> {
    const shape = [images.length, ...imageShape(this.stage).slice(1)];
    const elements = elementCount(shape.slice(1));
    const data = this.allocate(images.length * elements);
    // One at a time: a decoded image can take 150 MB.
    for (const [index, bytes] of images.entries()) {
      await this.decodeOne(bytes, index, data.subarray(index * elements, (index + 1) * elements));
    }
    return { shape, data };
  }

  private allocate(length: number): Float32Array {
    if (this.memory.length < length) {
      this.memory = new Float32Array(length);
    }
    return this.memory.subarray(0, length);
  }

  private async decodeOne(bytes: Uint8Array, index: number, target: Float32Array): Promise<void> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { window: windowOf, by } = this.method;
    const pixels = await this.readImage(buffer, index);
    const window = windowOf(pixels.width, pixels.height, this.stage);
    if (typeof by === 'function') {
      bilinearCrop(pixels, window, by, target);
    } else {
      target.set(await this.resample(pixels, window, by, index));
    }
    normalize(target, this.stage);
    arrange(target, this.stage);
  }

  /** Decodes an image, upright if the method says so, and smaller where the stage allows it. */
  private async readImage(buffer: Buffer, index: number): Promise<Pixels> {
    const { autoOrient } = this.method;
    const shrunk = await this.readShrunk(buffer, index);
    if (shrunk !== undefined) {
      return shrunk;
    }
    if (isTiff(buffer) || (this.fastJpeg !== undefined && isJpeg(buffer))) {
      // Neither TIFF files nor the fast decoder tell in time what is not accepted.
      await this.readMetadata(buffer, index);
    }
    return this.readFast(buffer, 1) ?? (await this.readPixels(this.open(buffer, autoOrient), index, buffer));
  }

  /**
   * Decodes a JPEG at the smallest scale that the method can resize from.
   * @returns `undefined` if the whole image is needed
   */
  private async readShrunk(buffer: Buffer, index: number): Promise<Pixels | undefined> {
    const { autoOrient, margin, decode: byDefault } = this.method;
    const { resize, decode = byDefault } = this.stage;
    if (decode === 'exact' || !isJpeg(buffer)) {
      return undefined;
    }
    const { width, height, orientation } = await this.readMetadata(buffer, index);
    const shorter = Math.min(width, height);
    const shrink = SHRINKS.find((divisor) => Math.floor(shorter / divisor) >= resize * margin);
    if (shrink === undefined) {
      return undefined;
    }
    // sharp does not shrink an image that it has to turn, so it is turned afterwards.
    const scaled = this.open(buffer, false).resize({
      width: Math.floor(width / shrink),
      height: Math.floor(height / shrink),
      fit: 'fill',
      kernel: 'linear',
      fastShrinkOnLoad: true,
    });
    const pixels = this.readFast(buffer, shrink) ?? (await this.readPixels(scaled, index, buffer));
    return { ...(autoOrient ? turnUpright(pixels, orientation) : pixels), shrink };
  }

  /** @returns `undefined` for an image that sharp has to decode */
  private readFast(buffer: Buffer, shrink: number): Pixels | undefined {
    return isJpeg(buffer) ? this.fastJpeg?.decode(buffer, shrink) : undefined;
  }

  private open(buffer: Buffer, autoOrient: boolean): Sharp {
    return this.sharp(buffer, {
      failOn: 'error',
      limitInputPixels: this.maxPixels,
      autoOrient,
      ignoreIcc: true,
    });
  }

  private async resample(
    { data, width, height, channels }: Pixels,
    window: CropWindow,
    kernel: 'nearest' | 'cubic' | 'lanczos3',
    index: number,
  ): Promise<Uint8Array> {
    if (window.width * window.height > this.maxPixels) {
      throw new InvalidImageError(
        index,
        `is ${width} x ${height} pixels, too elongated to be scaled to ${this.stage.resize}; crop it before sending`,
      );
    }
    const cut = this.sharp(data, { raw: { width, height, channels: channels === 1 ? 1 : 3 } })
      .resize({ width: window.width, height: window.height, fit: 'fill', kernel })
      .extract({ left: window.left, top: window.top, width: window.size, height: window.size });
    return (await this.readPixels(cut, index)).data;
  }

  /**
   * Reads the header of an image.
   * @throws InvalidImageError if the image has another format or more pixels than accepted
   */
  private async readMetadata(
    buffer: Buffer,
    index: number,
  ): Promise<Size & { readonly orientation: number }> {
    const metadata = await this.sharp(buffer, { failOn: 'error', limitInputPixels: false })
      .metadata()
      .catch((error: unknown) => {
        throw unreadable(index, error);
      });
    if (!ACCEPTED_FORMATS.has(metadata.format)) {
      throw new InvalidImageError(index, `has the format ${metadata.format}; send a ${FORMATS} file's bytes`);
    }
    const { width, height } = this.method.autoOrient ? metadata.autoOrient : metadata;
    if (width * height > this.maxPixels) {
      throw new InvalidImageError(
        index,
        `is ${width} x ${height} pixels, expected at most ${this.maxPixels} in total; scale it down before sending`,
      );
    }
    return { width: metadata.width, height: metadata.height, orientation: metadata.orientation ?? 1 };
  }

  /** @param buffer the whole file, which tells why libvips refuses to decode it */
  private async readPixels(image: Sharp, index: number, buffer?: Buffer): Promise<Pixels> {
    const { channels } = this.stage;
    const { data, info } = await image
      .removeAlpha()
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
      .catch(async (error: unknown) => {
        if (buffer !== undefined && /pixel limit/i.test((error as Error).message)) {
          await this.readMetadata(buffer, index);
        }
        throw unreadable(index, error);
      });
    if (info.channels !== channels) {
      throw new InvalidImageError(
        index,
        `has ${info.channels} color channels, expected ${channels}; convert it to RGB`,
      );
    }
    return { width: info.width, height: info.height, channels, data };
  }
}

/** Whether a stage decodes JPEGs with libjpeg's fast transform, if it is installed. */
export function usesFastJpeg({ method, channels }: ImageStageJson): boolean {
  return methods[method].fastJpeg === true && channels === 3;
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

/** The first bytes of the other formats say the format as the decoder would. */
function isTiff(bytes: Uint8Array): boolean {
  return bytes[0] === 0x49 || bytes[0] === 0x4d;
}

/** `(pixel - mean) * scale / std`, in float32 as models compute it. */
function normalize(values: Float32Array, { mean, scale, std = [1], channels }: ImageStageJson): void {
  const per = <Value>(numbers: readonly Value[], channel: number) =>
    numbers[numbers.length === 1 ? 0 : channel];
  const means = Array.from({ length: channels }, (_, channel) => Math.fround(per(mean, channel)));
  const factors = Array.from({ length: channels }, (_, channel) => Math.fround(scale / per(std, channel)));
  if (factors.every((factor) => factor === 1) && means.every((value) => value === 0)) {
    return;
  }
  for (let start = 0; start < values.length; start += channels) {
    for (let channel = 0; channel < channels; channel += 1) {
      values[start + channel] = Math.fround(values[start + channel] - means[channel]) * factors[channel];
    }
  }
}

/** Brings RGB pixels, row by row, into the stage's order of channels and layout. */
function arrange(values: Float32Array, { channels, order = 'RGB', layout = 'NHWC' }: ImageStageJson): void {
  if (channels === 1 || (order === 'RGB' && layout === 'NHWC')) {
    return;
  }
  const rgb = values.slice();
  const pixels = values.length / channels;
  const [perPixel, perChannel] = layout === 'NHWC' ? [channels, 1] : [1, pixels];
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const from = order === 'RGB' ? channel : channels - 1 - channel;
      values[pixel * perPixel + channel * perChannel] = rgb[pixel * channels + from] ?? 0;
    }
  }
}

function unreadable(index: number, error: unknown): InvalidImageError {
  const [first = ''] = (error as Error).message.split('\n');
  // libvips adds its own message behind a colon, which may be empty.
  const reason = first.replace(/:\s*$/, '');
  // Wording of the decoders for truncated files.
  const isTruncated = /premature end|libpng read error|unexpected end|unable to parse image|truncated/i.test(
    reason,
  );
  return new InvalidImageError(
    index,
    `${isTruncated ? 'is truncated or damaged' : 'cannot be decoded'} (${reason}); send the whole file`,
  );
}
