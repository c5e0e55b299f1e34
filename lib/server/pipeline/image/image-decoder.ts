import type { Sharp } from 'sharp';

import type { ImageStageJson } from '../../../service-definition/service-definition-json';
import { InvalidImageError, ModelLoadError } from '../pipeline-errors';
import { loadOptionalPackage } from '../optional-packages';
import { bilinearCrop, type CropWindow } from './bilinear-crop';
import { ConcurrencyLimit } from '../batching/concurrency-limit';
import { ACCEPTED_FORMATS, describeForeignBytes } from './image-format';

type SharpModule = typeof import('sharp');

// Decoded images are large (150 MB at 50 megapixels), and more of them in parallel do not make libvips faster.
const MAX_DECODED_AT_ONCE = 4;
const FORMATS = 'JPEG, PNG, WebP, GIF or TIFF';

/**
 * Decodes images and converts them to numbers as an image stage declares: rotated upright by their EXIF orientation,
 * without alpha, without color management (like TensorFlow's decoders), the shorter side scaled to `resize`, cropped to
 * the central square of `crop` pixels, then `(pixel - mean) * scale`.
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
    if (stage.mean.length !== 1 && stage.mean.length !== stage.channels) {
      throw new ModelLoadError(
        stage.name,
        `mean has ${stage.mean.length} numbers for ${stage.channels} channels; set one per channel, or a single one`,
      );
    }
    return new ImageDecoder(loadOptionalPackage(stage.name, 'sharp') as SharpModule, stage, maxPixels);
  }

  /** `[-1, crop, crop, channels]`. */
  get outputShape(): readonly number[] {
    return [-1, this.stage.crop, this.stage.crop, this.stage.channels];
  }

  /**
   * Decodes images into one array, float32 `[n, crop, crop, channels]`.
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
    const window = cropWindow(width, height, this.stage);
    const upright = this.sharp(buffer, {
      failOn: 'error',
      limitInputPixels: this.maxPixels,
      autoOrient: true,
      ignoreIcc: true,
    });
    if (this.stage.method === 'bilinear') {
      bilinearCrop(await this.readPixels(upright, index), window, target);
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
          kernel: this.stage.method,
          fastShrinkOnLoad: false,
        })
        .extract({ left: window.left, top: window.top, width: window.size, height: window.size });
      target.set((await this.readPixels(cut, index)).data);
    }
    normalize(target, this.stage);
  }

  /** Width and height after applying the EXIF orientation. */
  private async readSize(buffer: Buffer, index: number): Promise<{ width: number; height: number }> {
    const metadata = await this.sharp(buffer, { failOn: 'error', limitInputPixels: false })
      .metadata()
      .catch((error: unknown) => {
        throw unreadable(index, error);
      });
    if (!ACCEPTED_FORMATS.has(metadata.format)) {
      throw new InvalidImageError(index, `has the format ${metadata.format}; send a ${FORMATS} file's bytes`);
    }
    const { width, height } = metadata.autoOrient;
    if (width * height > this.maxPixels) {
      throw new InvalidImageError(
        index,
        `is ${width} x ${height} pixels, expected at most ${this.maxPixels} in total; scale it down before sending`,
      );
    }
    return { width, height };
  }

  private async readPixels(
    image: Sharp,
    index: number,
  ): Promise<{ width: number; height: number; channels: number; data: Uint8Array }> {
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

function cropWindow(width: number, height: number, { resize, crop }: ImageStageJson): CropWindow {
  const factor = resize / Math.min(width, height);
  const resized = { width: Math.round(width * factor), height: Math.round(height * factor) };
  return {
    ...resized,
    left: Math.floor((resized.width - crop) / 2),
    top: Math.floor((resized.height - crop) / 2),
    size: crop,
  };
}

function normalize(values: Float32Array, { mean, scale, channels }: ImageStageJson): void {
  if (scale === 1 && mean.every((value) => value === 0)) {
    return;
  }
  for (let index = 0; index < values.length; index += 1) {
    const subtracted = mean[mean.length === 1 ? 0 : index % channels] ?? 0;
    values[index] = ((values[index] ?? 0) - subtracted) * scale;
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
