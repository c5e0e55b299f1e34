import type { Sharp } from 'sharp';

import { imageShape } from '../../../service-definition/service-definition-content';
import type { ImageStageJson } from '../../../service-definition/service-definition-json';
import { InvalidImageError, ModelLoadError } from '../pipeline-errors';
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
import { ConcurrencyLimit } from '../batching/concurrency-limit';
import { FAST_JPEG_PACKAGE, FastJpegDecoder } from './fast-jpeg';
import { ACCEPTED_FORMATS, describeForeignBytes } from './image-format';

type SharpModule = typeof import('sharp');

// Decoded images are large (150 MB at 50 megapixels), and more of them in parallel do not make libvips faster.
const MAX_DECODED_AT_ONCE = 4;
const FORMATS = 'JPEG, PNG, WebP, GIF or TIFF';

/** How a method of an image stage differs from the others. */
interface Method {
  readonly window: (width: number, height: number, fit: Fit) => CropWindow;
  /** Where bilinear resizing reads, or the kernel with which sharp resizes. */
  readonly by: Taps | 'nearest' | 'cubic' | 'lanczos3';
  /** Whether images are turned upright by their EXIF orientation. */
  readonly autoOrient: boolean;
  /** Whether JPEGs are decoded with libjpeg's fast transform. */
  readonly fastJpeg?: true | undefined;
}

const methods: Readonly<Record<ImageStageJson['method'], Method>> = {
  bilinear: { window: centralWindow, by: halfPixelTaps, autoOrient: true },
  // TensorFlow's decoders do not read EXIF.
  'bilinear-tf1': { window: truncatedWindow, by: cornerTaps, autoOrient: false, fastJpeg: true },
  nearest: { window: centralWindow, by: 'nearest', autoOrient: true },
  cubic: { window: centralWindow, by: 'cubic', autoOrient: true },
  lanczos3: { window: centralWindow, by: 'lanczos3', autoOrient: true },
};

/**
 * Decodes images and converts them to numbers as an image stage declares: rotated upright by their EXIF orientation,
 * without alpha, without color management (like TensorFlow's decoders), the shorter side scaled to `resize` (both sides if
 * the aspect ratio is not preserved), cropped to the central square of `crop` pixels, then `(pixel - mean) * scale / std` in float32.
 */
export class ImageDecoder {
  private readonly limit = new ConcurrencyLimit(MAX_DECODED_AT_ONCE);

  private constructor(
    private readonly sharp: SharpModule,
    private readonly stage: ImageStageJson,
    private readonly maxPixels: number,
  ) {}

  /**
   * @throws ModelLoadError if the stage's numbers are inconsistent
   * @throws StageNotSupportedError if sharp is not installed
   */
  static load(stage: ImageStageJson, maxPixels: number): ImageDecoder {
    if (stage.crop > stage.resize) {
      throw new ModelLoadError(
        stage.name,
        `crop is ${stage.crop}, expected at most resize (${stage.resize}); lower crop or raise resize`,
      );
    }
    for (const [what, numbers] of Object.entries({ mean: stage.mean, std: stage.std ?? [1] })) {
      if (numbers.length !== 1 && numbers.length !== stage.channels) {
        throw new ModelLoadError(
          stage.name,
          `${what} has ${numbers.length} numbers for ${stage.channels} channels; set one per channel, or a single one`,
        );
      }
    }
    return new ImageDecoder(loadOptionalPackage(stage.name, 'sharp') as SharpModule, stage, maxPixels);
  }

  /** `[-1, crop, crop, channels]`, or `[-1, channels, crop, crop]` for the layout NCHW. */
  get outputShape(): readonly number[] {
    return imageShape(this.stage);
  }

  /**
   * Decodes images into one float32 array of `outputShape`.
   * @throws InvalidImageError for the first image that is not accepted
   */
  async decode(images: readonly Uint8Array[], signal?: AbortSignal): Promise<Float32Array> {
    // Run the cheap checks on all images before any expensive one.
    images.forEach((bytes, index) => {
      const foreign = describeForeignBytes(bytes);
      if (foreign !== undefined) {
        throw new InvalidImageError(index, `${foreign}; send a ${FORMATS} file's bytes`);
      }
    });
    const elements = this.stage.crop * this.stage.crop * this.stage.channels;
    const tensor = new Float32Array(images.length * elements);
    await Promise.all(
      images.map((bytes, index) =>
        this.limit.run(async () => {
          const target = tensor.subarray(index * elements, (index + 1) * elements);
          await this.decodeOne(bytes, index, target);
        }, signal),
      ),
    );
    return tensor;
  }

  private async decodeOne(bytes: Uint8Array, index: number, target: Float32Array): Promise<void> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { width, height } = await this.readSize(buffer, index);
    const { window: windowOf, by, autoOrient } = methods[this.stage.method];
    const window = windowOf(width, height, this.stage);
    const upright = this.sharp(buffer, {
      failOn: 'error',
      limitInputPixels: this.maxPixels,
      autoOrient,
      ignoreIcc: true,
    });
    if (typeof by === 'function') {
      const pixels =
        (await this.decodeFast(buffer, width, height)) ?? (await this.readPixels(upright, index));
      bilinearCrop(pixels, window, by, target);
    } else {
      if (window.width * window.height > this.maxPixels) {
        throw new InvalidImageError(
          index,
          `is ${width} x ${height} pixels, too elongated to be scaled to ${this.stage.resize}; crop it before sending`,
        );
      }
      const cut = upright
        .resize({
          width: window.width,
          height: window.height,
          fit: 'fill',
          kernel: by,
          fastShrinkOnLoad: false,
        })
        .extract({ left: window.left, top: window.top, width: window.size, height: window.size });
      target.set((await this.readPixels(cut, index)).data);
    }
    normalize(target, this.stage);
    arrange(target, this.stage);
  }

  /** @returns `undefined` for an image that sharp has to decode */
  private async decodeFast(buffer: Buffer, width: number, height: number): Promise<Pixels | undefined> {
    if (!methods[this.stage.method].fastJpeg || this.stage.channels !== 3 || !isJpeg(buffer)) {
      return undefined;
    }
    const pixels = await fastJpegDecoder()?.decode(buffer);
    return pixels?.width === width && pixels.height === height ? pixels : undefined;
  }

  /** Width and height of the decoded image. */
  private async readSize(buffer: Buffer, index: number): Promise<{ width: number; height: number }> {
    const metadata = await this.sharp(buffer, { failOn: 'error', limitInputPixels: false })
      .metadata()
      .catch((error: unknown) => {
        throw unreadable(index, error);
      });
    if (!ACCEPTED_FORMATS.has(metadata.format)) {
      throw new InvalidImageError(index, `has the format ${metadata.format}; send a ${FORMATS} file's bytes`);
    }
    const { width, height } = methods[this.stage.method].autoOrient ? metadata.autoOrient : metadata;
    if (width * height > this.maxPixels) {
      throw new InvalidImageError(
        index,
        `is ${width} x ${height} pixels, expected at most ${this.maxPixels} in total; scale it down before sending`,
      );
    }
    return { width, height };
  }

  private async readPixels(image: Sharp, index: number): Promise<Pixels> {
    const { channels } = this.stage;
    const { data, info } = await image
      .removeAlpha()
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
      .catch((error: unknown) => {
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

let sharedDecoder: { readonly decoder: FastJpegDecoder | undefined } | undefined;

/** One thread for all pipelines of the process. */
function fastJpegDecoder(): FastJpegDecoder | undefined {
  if (sharedDecoder === undefined) {
    sharedDecoder = { decoder: FastJpegDecoder.load() };
    if (sharedDecoder.decoder === undefined) {
      process.emitWarning(
        `JPEGs are decoded more accurately than by TensorFlow 1, which changes pixels by about one grey level; run ` +
          `\`npm install ${FAST_JPEG_PACKAGE}\` for the same pixels`,
        'ImageWarning',
      );
    }
  }
  return sharedDecoder.decoder;
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
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
  for (let index = 0; index < values.length; index += 1) {
    const channel = index % channels;
    const difference = Math.fround((values[index] ?? 0) - (means[channel] ?? 0));
    values[index] = difference * (factors[channel] ?? 1);
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
  const reason = (error as Error).message.split('\n')[0] ?? '';
  // Wording of the decoders for truncated files.
  const isTruncated = /premature end|libpng read error|unexpected end|unable to parse image|truncated/i.test(
    reason,
  );
  return new InvalidImageError(
    index,
    `${isTruncated ? 'is truncated or damaged' : 'cannot be decoded'} (${reason}); send the whole file`,
  );
}
