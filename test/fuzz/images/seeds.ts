import { crc32 } from 'node:zlib';

import sharp from 'sharp';

import { writeServiceDefinition } from '../../../lib/service-definition/zip-writer';

/** A whole image of one format. */
export interface SeedImage {
  readonly name: string;
  readonly data: Buffer;
}

const WIDTH = 48;
const HEIGHT = 40;

/** Images of each format that is decoded, in the ways that it stores them; the same in every run. */
export async function seedImages(): Promise<SeedImage[]> {
  const gradient = Buffer.from(
    Array.from({ length: WIDTH * HEIGHT * 3 }, (_, index) => (index * 7 + (index >> 5) * 3) % 256),
  );
  const image = sharp(gradient, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  const frames = sharp(gradient, {
    raw: { width: WIDTH, height: HEIGHT, channels: 3, pageHeight: HEIGHT / 2 },
  });
  const encoded: Record<string, Promise<Buffer>> = {
    'baseline.jpg': image.clone().jpeg().toBuffer(),
    'progressive.jpg': image.clone().jpeg({ progressive: true }).toBuffer(),
    'turned.jpg': image.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer(),
    'grey.jpg': image.clone().greyscale().jpeg().toBuffer(),
    'cmyk.jpg': image.clone().toColourspace('cmyk').jpeg().toBuffer(),
    'truecolour.png': image.clone().png().toBuffer(),
    'palette.png': image.clone().png({ palette: true }).toBuffer(),
    'interlaced.png': image.clone().png({ progressive: true }).toBuffer(),
    'deep.png': image.clone().toColourspace('rgb16').png().toBuffer(),
    'lossy.webp': image.clone().webp().toBuffer(),
    'lossless.webp': image.clone().webp({ lossless: true }).toBuffer(),
    'animated.webp': frames.clone().webp({ loop: 1 }).toBuffer(),
    'still.gif': image.clone().gif().toBuffer(),
    'animated.gif': frames.clone().gif().toBuffer(),
    'lzw.tiff': image.clone().tiff({ compression: 'lzw' }).toBuffer(),
    'jpeg.tiff': image.clone().tiff({ compression: 'jpeg' }).toBuffer(),
    'tiled.tiff': image
      .clone()
      .tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 })
      .toBuffer(),
    'plain.tiff': image.clone().tiff({ compression: 'none' }).toBuffer(),
  };
  return Promise.all(Object.entries(encoded).map(async ([name, data]) => ({ name, data: await data })));
}

/** Images that claim to be far larger than the limit of pixels. */
export function hugeImages(seeds: readonly SeedImage[]): SeedImage[] {
  const of = (name: string) => Buffer.from(seeds.find((seed) => seed.name === name)!.data);
  const png = of('truecolour.png');
  png.writeUInt32BE(65_535, 16);
  png.writeUInt32BE(65_535, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  const jpeg = of('baseline.jpg');
  // The frame's header: its height and width follow the marker, the length and the precision.
  jpeg.writeUInt32BE(0xffffffff, jpeg.indexOf(Buffer.from('ffc0', 'hex')) + 5);
  const gif = of('still.gif');
  gif.writeUInt32LE(0xffffffff, 6);
  // A frame says its own size, which is taken where the screen's is incredible.
  gif.writeUInt32LE(0xffffffff, gif.indexOf(Buffer.from('2c00000000', 'hex')) + 5);
  const tiff = of('plain.tiff');
  const littleEndian = tiff.subarray(0, 2).toString('latin1') === 'II';
  const directory = littleEndian ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let entry = directory + 2; entry + 12 < Math.min(tiff.length, directory + 2 + 12 * 20); entry += 12) {
    const tag = littleEndian ? tiff.readUInt16LE(entry) : tiff.readUInt16BE(entry);
    if (tag === 256 || tag === 257) {
      tiff.fill(0xff, entry + 8, entry + 10);
    }
  }
  return Object.entries({ png, jpeg, gif, tiff }).map(([name, data]) => ({ name: `huge.${name}`, data }));
}

/** Files of two formats in one: the beginning of an image, and something else in it or behind it. */
export function polyglots(seeds: readonly SeedImage[]): SeedImage[] {
  const zip = writeServiceDefinition({
    definition: { aml_runtime_version: '1.0', pipeline: [] },
    files: new Map(),
  });
  const others: Record<string, Uint8Array> = {
    html: Buffer.from('<html><script>alert(1)</script></html>'),
    svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
    pdf: Buffer.from('%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n'),
    shell: Buffer.from('\n#!/bin/sh\nexit 1\n'),
    zip,
    ...Object.fromEntries(seeds.map(({ name, data }) => [name, data])),
  };
  return seeds.flatMap(({ name, data }) =>
    Object.entries(others).flatMap(([other, content]) => [
      { name: `${name} before ${other}`, data: Buffer.concat([data, content]) },
      {
        name: `${name} with ${other} inside`,
        data: Buffer.concat([data.subarray(0, 16), content, data.subarray(16)]),
      },
      {
        name: `${name} that goes on as ${other}`,
        data: Buffer.concat([data.subarray(0, data.length >> 1), content]),
      },
      { name: `${other} before ${name}`, data: Buffer.concat([content, data]) },
    ]),
  );
}
