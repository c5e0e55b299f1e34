import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import fc from 'fast-check';
import sharp from 'sharp';

import { Pipeline, type PipelineLimits } from '../../../lib/server/pipeline';
import { bilinearCrop, halfPixelTaps } from '../../../lib/server/pipeline/image/bilinear-crop';
import { ImageDecoder } from '../../../lib/server/pipeline/image/image-decoder';
import { checkFormats } from '../../../lib/server/pipeline/image/image-format';
import { planPipeline } from '../../../lib/server/pipeline/plan';
import type { ImageStageJson } from '../../../lib/service-definition/service-definition-json';
import { definitionOf, imageStage, sampleImage } from './support/sample';

/** What an image stage makes of images. */
async function decode(
  stage: Partial<ImageStageJson>,
  images: readonly Uint8Array[],
  { maxImagePixels = 50_000_000 }: PipelineLimits = {},
): Promise<{ shape: readonly number[]; data: Float32Array }> {
  const whole = { ...imageStage, ...stage };
  planPipeline({ aml_runtime_version: '1.0', pipeline: [whole] }, false);
  checkFormats(images);
  return ImageDecoder.load(whole, maxImagePixels).decode(images);
}

/** Two pixels wide and high: red, green; blue, white. */
const fourColours = sharp(Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]), {
  raw: { width: 2, height: 2, channels: 3 },
});
const asIs = { resize: 2, crop: 2 } as const;

describe('decodes', () => {
  test.each(['png', 'webp', 'gif', 'tiff'] as const)('%s, without loss', async (format) => {
    const image = await fourColours
      .clone()
      .toFormat(format, { lossless: true, compression: 'none' })
      .toBuffer();
    const { shape, data } = await decode(asIs, [image]);
    expect(shape).toEqual([1, 2, 2, 3]);
    expect([...data]).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
  });

  test('jpeg', async () => {
    const grey = sharp({ create: { width: 16, height: 16, channels: 3, background: '#808080' } });
    const { data } = await decode({ resize: 4, crop: 4 }, [await grey.jpeg().toBuffer()]);
    expect([...data]).toEqual(Array(48).fill(128));
  });

  test('a photo on its side is set upright', async () => {
    // Orientation 6: turn it a quarter to the right to see it as it was taken.
    const image = await fourColours.clone().withMetadata({ orientation: 6 }).png().toBuffer();
    const { data } = await decode(asIs, [image]);
    expect([...data]).toEqual([0, 0, 255, 255, 0, 0, 255, 255, 255, 0, 255, 0]);
  });

  test('alpha is dropped, even if it hides a color', async () => {
    const image = await sharp(Buffer.from([200, 100, 50, 0]), { raw: { width: 1, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    expect([...(await decode({ resize: 1, crop: 1 }, [image])).data]).toEqual([200, 100, 50]);
  });

  test('a grey image is spread over three channels', async () => {
    const image = await sharp(Buffer.from([77]), { raw: { width: 1, height: 1, channels: 1 } })
      .png()
      .toBuffer();
    expect([...(await decode({ resize: 1, crop: 1 }, [image])).data]).toEqual([77, 77, 77]);
  });

  test('colors become grayscale for one channel', async () => {
    const { shape, data } = await decode({ ...asIs, channels: 1 }, [
      await fourColours.clone().png().toBuffer(),
    ]);
    expect(shape).toEqual([1, 2, 2, 1]);
    expect(data[3]).toBe(255);
    expect(data[1]).toBeGreaterThan(data[0]);
  });

  test('16 bits a channel, and CMYK', async () => {
    const deep = await fourColours.clone().toColourspace('rgb16').png().toBuffer();
    expect([...(await decode(asIs, [deep])).data]).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
    const print = await fourColours.clone().toColourspace('cmyk').jpeg().toBuffer();
    expect((await decode(asIs, [print])).shape).toEqual([1, 2, 2, 3]);
  });

  test('the first frame of an animation', async () => {
    const frames = Buffer.from([1, 1, 1, 2, 2, 2].map((value) => value * 100));
    const image = await sharp(frames, { raw: { width: 1, height: 2, channels: 3, pageHeight: 1 } })
      .gif()
      .toBuffer();
    expect([...(await decode({ resize: 1, crop: 1 }, [image])).data]).toEqual([100, 100, 100]);
  });

  test.each(['nearest', 'cubic', 'lanczos3'] as const)('by %s', async (method) => {
    const { shape, data } = await decode({ resize: 64, crop: 32, method }, [sampleImage('rocket.jpg')]);
    expect(shape).toEqual([1, 32, 32, 3]);
    expect(new Set(data).size).toBeGreaterThan(20);
  });

  test('mean and scale, with one mean for all channels or one per channel', async () => {
    const image = await fourColours.clone().png().toBuffer();
    const all = await decode({ ...asIs, mean: [127], scale: 1 / 128 }, [image]);
    expect([...all.data.slice(0, 3)]).toEqual([1, -127 / 128, -127 / 128]);
    const each = await decode({ ...asIs, mean: [1, 2, 3], scale: 2 }, [image]);
    expect([...each.data.slice(0, 6)]).toEqual([508, -4, -6, -2, 506, -6]);
  });
});

describe('the method of TensorFlow 1', () => {
  function sha256(numbers: Float32Array): string {
    return createHash('sha256').update(new Uint8Array(numbers.buffer)).digest('hex').slice(0, 16);
  }

  /** A PNG of pixels that a formula gives, so that TensorFlow could be shown the same ones. */
  function pattern(width: number, height: number): Promise<Buffer> {
    const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / (3 * width))];
      return x * 7 + y * 3 + (at % 3) * 50 + ((x * y) >> 3);
    });
    return sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
  }

  const guides: Partial<ImageStageJson> = { method: 'bilinear-tf1', mean: [123.68, 116.779, 103.939] };

  // SHA-256 of what the SDK's preprocess_array gives in TensorFlow 1.10: float32, little-endian, [1, 224, 224, 3].
  test.each([
    [97, 53, 'a44ddc6f80c216bf', '5b71396800b04e5b'],
    [224, 224, '86a9651d660c4f9b', '12e323adcfb5d77c'],
    [256, 256, 'be13a8dd6e5a0cd0', '78ffd8eedbe4ee6f'],
    [255, 257, '190afffb5dc7c421', 'b5353d0ec0b343ea'],
    [301, 517, '6e7985d511b68fef', 'e03d6d1b5471264b'],
    [1000, 333, '3003ad46f227a7e0', '43416268dde57bcf'],
    [227, 640, 'fadd9e02c7f15d6b', '5c8033760871f14f'],
  ])(
    'gives the same numbers for a PNG of %i x %i pixels, bit for bit',
    async (width, height, rgb, scaledBgr) => {
      const image = await pattern(width, height);
      const hash = async (stage: Partial<ImageStageJson>) => {
        const { data } = await decode({ ...guides, ...stage }, [image]);
        return sha256(data);
      };
      expect(await hash({})).toBe(rgb);
      expect(await hash({ order: 'BGR', scale: 0.017 })).toBe(scaledBgr);
    },
  );

  // The same of `preprocess_array(preserve_aspect_ratio=False)`, which azureml-accel-models adds: 300 pixels RGB, 224 pixels BGR.
  test.each([
    [97, 53, '1aed6effb11fceef', '0e652faf7addbff5'],
    [300, 300, '40527ded14fe1c44', '5b970fa2c0cc6dab'],
    [301, 517, 'fac9024a586b5f15', 'f42fde88bf070f67'],
    [1000, 333, 'd1409ffd0bdf911b', '885a01eb7d7e76f2'],
  ])(
    'stretches a PNG of %i x %i pixels to a square with the same numbers, bit for bit',
    async (width, height, rgb, scaledBgr) => {
      const image = await pattern(width, height);
      const hash = async (size: number, stage: Partial<ImageStageJson>) => {
        const square = { resize: size, crop: size, preserve_aspect_ratio: false };
        const { data } = await decode({ ...guides, ...square, ...stage }, [image]);
        return sha256(data);
      };
      expect(await hash(300, {})).toBe(rgb);
      expect(await hash(224, { order: 'BGR', scale: 0.017 })).toBe(scaledBgr);
    },
  );

  test.each([
    ['subsampled', '596797c5034946de'],
    ['full-chroma', '4ceb1878d6535ad9'],
    ['progressive', 'd388b07a564134dd'],
    ['grey', '353ab9350d6674b5'],
  ])('gives the same numbers for a JPEG, bit for bit: %s', async (name, numbers) => {
    const { data } = await decode(guides, [readFileSync(path.join(__dirname, 'jpegs', `${name}.jpg`))]);
    expect(sha256(data)).toBe(numbers);
  });

  test('refuses a damaged JPEG as any other method does', async () => {
    const image = readFileSync(path.join(__dirname, 'jpegs/subsampled.jpg'));
    await expect(decode(guides, [image.subarray(0, image.length / 2)])).rejects.toMatchObject({
      code: 'INVALID_IMAGE',
      message: expect.stringMatching(/^images\[0\] is truncated or damaged/) as string,
    });
  });

  test('ignores EXIF orientation, as TensorFlow does', async () => {
    const image = await fourColours.clone().withMetadata({ orientation: 6 }).png().toBuffer();
    const { data } = await decode({ ...asIs, method: 'bilinear-tf1' }, [image]);
    expect([...data]).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
  });
});

test.each(['bilinear', 'nearest', 'cubic', 'lanczos3'] as const)(
  'an image is stretched to a square by %s if its aspect ratio is not preserved',
  async (method) => {
    // A column of red and three of blue.
    const pixels = Buffer.from([255, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255]);
    const image = await sharp(pixels, { raw: { width: 4, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    const { data } = await decode({ resize: 8, crop: 8, preserve_aspect_ratio: false, method }, [image]);
    expect(data.length).toBe(8 * 8 * 3);
    const reds = Array.from({ length: 8 }, (_, column) => data[(4 * 8 + column) * 3]);
    expect(reds[0]).toBeGreaterThan(250);
    expect(reds.slice(4)).toEqual(reds.slice(4).map(() => 0));
  },
);

describe('numbers', () => {
  const image = fourColours.clone().png().toBuffer();

  test('are divided by std, per channel or all', async () => {
    const perChannel = await decode({ ...asIs, mean: [5, 5, 5], std: [2, 5, 10] }, [await image]);
    expect([...perChannel.data.slice(0, 3)]).toEqual([125, -1, -0.5]);
    const all = await decode({ ...asIs, std: [255] }, [await image]);
    expect([...all.data.slice(0, 3)]).toEqual([1, 0, 0]);
  });

  test('come in the order of channels and of dimensions that the model takes', async () => {
    const bgr = await decode({ ...asIs, order: 'BGR' }, [await image]);
    expect([...bgr.data]).toEqual([0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255]);
    const planar = await decode({ ...asIs, layout: 'NCHW' }, [await image]);
    expect(planar.shape).toEqual([1, 3, 2, 2]);
    expect([...planar.data]).toEqual([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255]);
    const both = await decode({ ...asIs, order: 'BGR', layout: 'NCHW' }, [await image]);
    expect([...both.data]).toEqual([0, 0, 255, 255, 0, 255, 0, 255, 255, 0, 0, 255]);
  });
});

describe('a JPEG that is decoded at a scale', () => {
  const small = { resize: 64, crop: 64 } as const;

  /** A photo of 1024 x 768 pixels, larger in each direction than an eighth of it is. */
  const photo = sharp(sampleImage('chelsea.png')).resize(1024, 768, { fit: 'fill' }).blur(4);

  /** Mean difference of two images, in grey levels. */
  function difference(left: Float32Array, right: Float32Array): number {
    return left.reduce((sum, value, index) => sum + Math.abs(value - right[index]), 0) / left.length;
  }

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('is upright with the EXIF orientation %i', async (orientation) => {
    const image = await photo.clone().withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
    const exact = await decode(small, [image]);
    const scaled = await decode({ ...small, decode: 'scaled' }, [image]);
    expect(scaled.shape).toEqual(exact.shape);
    expect(difference(exact.data, scaled.data)).toBeGreaterThan(0);
    expect(difference(exact.data, scaled.data)).toBeLessThan(3);
  });

  test('is so by default for the methods that filter, and not for those that give the pixels of TensorFlow', async () => {
    const image = await photo.clone().jpeg().toBuffer();
    const isScaled = async (method: ImageStageJson['method']) => {
      const [byDefault, exact] = await Promise.all([
        decode({ ...small, method }, [image]),
        decode({ ...small, method, decode: 'exact' }, [image]),
      ]);
      return difference(byDefault.data, exact.data) > 0;
    };
    expect(await Promise.all((['cubic', 'lanczos3'] as const).map(isScaled))).toEqual([true, true]);
    expect(await Promise.all((['bilinear', 'bilinear-tf1', 'nearest'] as const).map(isScaled))).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('has the same pixels as ever if half of its size would be too small', async () => {
    const image = await photo.clone().jpeg().toBuffer();
    const size = { resize: 385, crop: 64, method: 'bilinear-tf1' } as const;
    expect((await decode({ ...size, decode: 'scaled' }, [image])).data).toEqual(
      (await decode(size, [image])).data,
    );
  });

  test('is close to the whole image by the method of TensorFlow 1, too', async () => {
    const image = await photo.clone().withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    const stage = { ...small, method: 'bilinear-tf1' } as const;
    const [exact, scaled] = [
      await decode(stage, [image]),
      await decode({ ...stage, decode: 'scaled' }, [image]),
    ];
    expect(difference(exact.data, scaled.data)).toBeLessThan(3);
  });

  test('is refused if it has more pixels than accepted, or is damaged', async () => {
    const image = await photo.clone().jpeg().toBuffer();
    const stage = { ...small, decode: 'scaled' } as const;
    await expect(decode(stage, [image], { maxImagePixels: 1000 })).rejects.toThrow(
      'images[0] is 1024 x 768 pixels, expected at most 1000 in total; scale it down before sending',
    );
    await expect(decode(stage, [image.subarray(0, image.length / 2)])).rejects.toThrow(
      /^images\[0\] is truncated or damaged/,
    );
  });
});

describe('rejects', () => {
  const cases: readonly (readonly [string, () => Uint8Array | Promise<Uint8Array>, string])[] = [
    [
      '0 bytes',
      () => new Uint8Array(0),
      "is empty (0 bytes); send a JPEG, PNG, WebP, GIF or TIFF file's bytes",
    ],
    ['a text file', () => Buffer.from('hello, world\n'), 'is text; send a JPEG'],
    ['base64', () => Buffer.from(sampleImage('rocket.jpg').toString('base64')), 'is base64 text (decode it'],
    [
      'an SVG',
      () => Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
      'is an SVG drawing',
    ],
    ['a PDF', () => Buffer.from('%PDF-1.7\n'), 'is a PDF'],
    ['an AVIF', () => fourColours.clone().avif().toBuffer(), 'is an AVIF image'],
    ['a BMP', () => Buffer.from('BM\x00\x00\x00\x00'), 'is a BMP image'],
    ['noise', () => Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]), 'is not an image'],
    [
      'a header without an image',
      () => Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      'is truncated or damaged|cannot be decoded',
    ],
  ];

  test.each(cases)('%s', async (_, bytes, problem) => {
    const decoding = decode({}, [sampleImage('chelsea.png'), await bytes()]);
    await expect(decoding).rejects.toMatchObject({ code: 'INVALID_IMAGE', index: 1 });
    await expect(decoding).rejects.toThrow(
      problem.includes('|') ? new RegExp(problem) : `images[1] ${problem}`,
    );
  });

  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff'] as const)(
    'a truncated %s, and serves the next call',
    async (format) => {
      const whole = await sharp(sampleImage('chelsea.png')).toFormat(format).toBuffer();
      const pipeline = await Pipeline.load(definitionOf([imageStage]), { workers: 1 });
      for (const part of [0.05, 0.5, 0.9]) {
        const cut = whole.subarray(0, Math.floor(whole.length * part));
        await expect(pipeline.score({ kind: 'images', images: [cut] })).rejects.toMatchObject({
          code: 'INVALID_IMAGE',
          message: expect.stringMatching(
            /^images\[0\] (is truncated or damaged|cannot be decoded) \(.*[^:\s]\); send the whole file$/,
          ) as string,
        });
      }
      expect((await pipeline.score({ kind: 'images', images: [whole] })).shape).toEqual([1, 224, 224, 3]);
      await pipeline.close();
    },
  );

  test('more pixels than the limit, before they are decoded', async () => {
    // 144 megapixels in half a megabyte at most.
    const bomb = await sharp({ create: { width: 12_000, height: 12_000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    await expect(decode({}, [bomb])).rejects.toMatchObject({
      code: 'INVALID_IMAGE',
      message:
        'images[0] is 12000 x 12000 pixels, expected at most 50000000 in total; scale it down before sending',
    });
    await expect(decode({}, [sampleImage('chelsea.png')], { maxImagePixels: 1000 })).rejects.toThrow(
      'images[0] is 451 x 300 pixels, expected at most 1000 in total',
    );
  });

  test('a strip that would grow beyond the limit when it is scaled', async () => {
    const strip = await sharp({ create: { width: 10_000, height: 1, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    await expect(decode({ method: 'cubic' }, [strip])).rejects.toThrow(
      'images[0] is 10000 x 1 pixels, too elongated to be scaled to 256; crop it before sending',
    );
    expect((await decode({ method: 'bilinear' }, [strip])).shape).toEqual([1, 224, 224, 3]);
  });

  test('an image stage with a crop larger than resize', async () => {
    await expect(decode({ resize: 100, crop: 224 }, [])).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message:
        "stage 'decode' cannot be loaded: crop is 224, expected at most resize (100); lower crop or raise resize",
    });
  });

  test('a mean that is neither a single number nor one per channel', async () => {
    await expect(decode({ mean: [1, 2] }, [])).rejects.toThrow(
      "stage 'decode' cannot be loaded: mean has 2 numbers for 3 channels; set one per channel, or a single one",
    );
  });

  test('anything at all either decodes or is an InvalidImageError', async () => {
    const pipeline = await Pipeline.load(definitionOf([imageStage]), { workers: 1 });
    const image = sampleImage('chelsea.png');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: image.length - 1 }),
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        async (at, noise) => {
          const damaged = Buffer.from(image);
          damaged.set(noise.subarray(0, damaged.length - at), at);
          const outcome = await pipeline.score({ kind: 'images', images: [damaged] }).then(
            () => 'decoded',
            (error: unknown) => (error as { code?: string }).code,
          );
          expect(['decoded', 'INVALID_IMAGE']).toContain(outcome);
        },
      ),
      { numRuns: 40 },
    );
    await pipeline.close();
  });
});

describe('bilinear resizing', () => {
  function resize(source: readonly number[], width: number, height: number, size: number): number[] {
    const target = new Float32Array(size * size);
    const image = { width, height, channels: 1, data: Uint8Array.from(source) };
    bilinearCrop(image, { width: size, height: size, left: 0, top: 0, size }, halfPixelTaps, target);
    return [...target];
  }

  test('doubles as tf.image.resize does: centres at halves, edges repeated', () => {
    // tf.image.resize([[[[0], [10]], [[20], [30]]]], [4, 4]) of TensorFlow 2.
    expect(resize([0, 10, 20, 30], 2, 2, 4)).toEqual([
      0, 2.5, 7.5, 10, 5, 7.5, 12.5, 15, 15, 17.5, 22.5, 25, 20, 22.5, 27.5, 30,
    ]);
  });

  test('does not smooth before it shrinks: a quarter of the size mixes the middle pixels alone', () => {
    const source = [9, 9, 9, 9, 9, 4, 6, 9, 9, 0, 2, 9, 9, 9, 9, 9];
    expect(resize(source, 4, 4, 1)).toEqual([3]);
  });

  test('keeps an image of the same size unchanged', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.infiniteStream(fc.nat(255)), (size, values) => {
        const data = [...values.take(size * size)];
        expect(resize(data, size, size, size)).toEqual(data);
      }),
    );
  });

  test("never leaves the range of an image's pixels", () => {
    const picture = fc
      .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) })
      .chain(({ width, height }) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          data: fc.uint8Array({ minLength: width * height, maxLength: width * height }),
          size: fc.integer({ min: 1, max: 12 }),
        }),
      );
    fc.assert(
      fc.property(picture, ({ width, height, data, size }) => {
        const result = resize([...data], width, height, size);
        expect(Math.min(...result)).toBeGreaterThanOrEqual(Math.min(...data));
        expect(Math.max(...result)).toBeLessThanOrEqual(Math.max(...data));
      }),
    );
  });
});
