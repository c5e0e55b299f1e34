import fc from 'fast-check';

import { FileProblem } from '../../lib/tensorflow/file-problem';
import { readSortedTable } from '../../lib/tensorflow/sorted-table';
import { TensorBundle } from '../../lib/tensorflow/tensor-bundle';
import { mutate, seededRandom } from '../fuzz/mutate';
import { literalSnappy, writeBundle, writeTable, type SavedVariable } from './support/checkpoint-writer';
import { tinyCheckpoint } from './support/tiny-checkpoint';

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(FileProblem);
    return (error as Error).message;
  }
  return 'it was accepted';
}

const layouts = fc.record({
  blockEntries: fc.integer({ min: 1, max: 20 }),
  restartInterval: fc.integer({ min: 1, max: 5 }),
  compress: fc.constantFrom(undefined, literalSnappy),
});

describe('a sorted string table', () => {
  const entries = fc
    .uniqueArray(fc.tuple(fc.string({ maxLength: 12 }), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 60,
      selector: ([key]) => key,
    })
    .map((pairs) =>
      pairs
        .map(([key, value]) => [Buffer.from(key), Buffer.from(value)] as const)
        .sort(([left], [right]) => Buffer.compare(left, right)),
    );

  it('gives back what was written, in any layout', () => {
    fc.assert(
      fc.property(entries, layouts, (pairs, layout) => {
        const table = readSortedTable('t.index', writeTable(pairs, layout));
        expect([...table].map(([key, value]) => [key, Buffer.from(value)])).toEqual(
          pairs.map(([key, value]) => [key.toString('latin1'), value]),
        );
      }),
    );
  });

  const sound = writeTable(
    ['', 'a', 'ab', 'b'].map((key) => [Buffer.from(key), Buffer.from(`value of ${key}`)] as const),
  );

  it('is read whole or rejected with its name, whatever is damaged', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const damaged = mutate(sound, seededRandom(seed));
        const message = refusalOf(() => readSortedTable('t.index', damaged));
        expect(message).toMatch(
          /^(it was accepted$|t\.index: .+; copy the file again, or save the checkpoint again$)/,
        );
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['is cut short', sound.subarray(0, 30), /^t\.index: is truncated to 30 bytes; /],
    [
      'ends in the middle',
      sound.subarray(0, -10),
      /^t\.index: is truncated or is not the index of a TensorFlow/,
    ],
    [
      'has a wrong checksum',
      change(sound, 3),
      /^t\.index: its block at 0 is damaged \(checksum mismatch\); /,
    ],
  ])('is rejected if it %s', (_, bytes, message) => {
    expect(refusalOf(() => readSortedTable('t.index', bytes))).toMatch(message);
  });

  it('is rejected if its blocks lie outside of it', () => {
    const footer = Buffer.alloc(48);
    // Two handles: offset and size as varints.
    footer.set([0, 0, 0, 0xe8, 0x07]);
    footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
    expect(refusalOf(() => readSortedTable('t.index', footer))).toBe(
      't.index: a block of 1000 bytes at 0 extends beyond the file, which has 48 bytes; ' +
        'copy the file again, or save the checkpoint again',
    );
  });

  it('is rejected if its keys are out of order, which a circle of blocks would make them', () => {
    const pairs = ['b', 'a'].map((key) => [Buffer.from(key), Buffer.from('1')] as const);
    expect(refusalOf(() => readSortedTable('t.index', writeTable(pairs)))).toMatch(
      /: its keys are not in order; /,
    );
  });

  it('is rejected beyond the limits of its keys', () => {
    const pairs = [[Buffer.from('k'.repeat(5000)), Buffer.from('1')] as const];
    expect(refusalOf(() => readSortedTable('t.index', writeTable(pairs)))).toMatch(
      /: has a key of 5000 bytes, expected at most 4096; /,
    );
  });

  it('is rejected if a compressed block claims to be large', () => {
    const pairs = [[Buffer.from('k'), Buffer.from('1')] as const];
    const bomb = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x40, 0]); // 16 GiB
    const table = writeTable(pairs, { compress: () => bomb });
    expect(refusalOf(() => readSortedTable('t.index', table))).toMatch(
      /: its block at \d+ cannot be decompressed; /,
    );
  });
});

describe('the variables of a checkpoint', () => {
  const variable = fc
    .tuple(fc.array(fc.nat(4), { maxLength: 3 }), fc.string({ minLength: 1, maxLength: 10 }))
    .chain(([shape, name]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return fc
        .float32Array({ minLength: count, maxLength: count, noNaN: true })
        .map((values): SavedVariable => ({ name, shape, values }));
    });
  const variables = fc.uniqueArray(variable, { maxLength: 12, selector: ({ name }) => name });

  const open = (files: ReadonlyMap<string, Buffer>): TensorBundle =>
    TensorBundle.open('v', (name) => files.get(name));

  it('are read back, whatever they are called and however the index is laid out', () => {
    fc.assert(
      fc.property(variables, layouts, (saved, layout) => {
        const bundle = open(writeBundle('v', saved, {}, layout));
        expect([...bundle.names].sort()).toEqual(saved.map(({ name }) => name).sort());
        for (const { name, shape, values } of saved) {
          const read = bundle.read(name);
          expect(read.dtype).toBe('DT_FLOAT');
          expect(read.shape).toEqual(shape);
          expect(new Float32Array(Uint8Array.from(read.content).buffer)).toEqual(values);
        }
      }),
    );
  });

  it('are read from what TensorFlow 1.10 wrote', () => {
    const files = tinyCheckpoint();
    const bundle = TensorBundle.open('tiny', (name) => files.get(name));
    expect(bundle.names).toEqual([
      'global_step',
      'resnet_v1_50/conv1/beta',
      'resnet_v1_50/conv1/gamma',
      'resnet_v1_50/conv1/moving_mean',
      'resnet_v1_50/conv1/moving_variance',
      'resnet_v1_50/conv1/weights',
    ]);
    const variance = bundle.read('resnet_v1_50/conv1/moving_variance');
    expect([...new Float32Array(Uint8Array.from(variance.content).buffer)]).toEqual([90, 40, 25, 10]);
    expect(bundle.read('global_step')).toMatchObject({ dtype: 'DT_INT64', shape: [] });
    expect(bundle.read('resnet_v1_50/conv1/weights').shape).toEqual([3, 3, 3, 4]);
  });

  const weights = (claim: SavedVariable['claim'] = {}): Map<string, Buffer> =>
    writeBundle('v', [{ name: 'w', shape: [2], values: Float32Array.of(1, 2), claim }]);

  it.each([
    [
      'lies outside of the data file',
      { offset: 1_000_000 },
      "v.data-00000-of-00001: according to the index, the tensor 'w' is at 1000000 to 1000008, but the file has only 8 bytes; " +
        'copy the checkpoint again: the file is truncated, or the index belongs to another file',
    ],
    [
      'begins before the data file',
      { offset: -8 },
      "v.data-00000-of-00001: according to the index, the tensor 'w' is at -8 to 0, but the file has only 8 bytes; " +
        'copy the checkpoint again: the file is truncated, or the index belongs to another file',
    ],
    [
      'lies in a data file that there is not',
      { shardId: 3 },
      "v.index: the tensor 'w' is in data file 3 of 1; save the checkpoint again",
    ],
    [
      'has fewer bytes than its shape needs',
      { shape: { dim: [{ size: 1_000_000 }, { size: 1_000_000 }] } },
      "v.index: the tensor 'w' of shape [1000000, 1000000] and type DT_FLOAT declares 8 bytes; save the checkpoint again",
    ],
    [
      'is text',
      { dtype: 'DT_STRING' as const },
      "v.index: the tensor 'w' is of type DT_STRING; expected numbers; freeze the graph",
    ],
    [
      'is saved in parts',
      { slices: [{ extent: [{ start: 0, length: 1 }] }], size: 0 },
      "v.index: the tensor 'w' is saved in 1 parts, which is not supported; save it without a partitioner, or freeze the graph",
    ],
    [
      'has a wrong checksum',
      { crc32c: 1 },
      "v.data-00000-of-00001: the tensor 'w' is damaged (checksum mismatch); copy the checkpoint again",
    ],
  ])('are rejected if one %s', (_, claim, message) => {
    expect(refusalOf(() => open(weights(claim)).read('w'))).toBe(message);
  });

  it('are rejected by their names where one is missing', () => {
    expect(refusalOf(() => open(weights()).read('b'))).toBe(
      "v.index: has no tensor 'b'; it has w; use the checkpoint that belongs to the graph",
    );
  });

  it.each([
    ['v.index', 'add the whole checkpoint: its .index, .data and .meta files'],
    ['v.data-00000-of-00001', 'add the whole checkpoint: its .index, .data and .meta files'],
  ])('are rejected without %s', (file, remedy) => {
    const files = weights();
    files.delete(file);
    expect(refusalOf(() => open(files).read('w'))).toBe(`${file}: is missing; ${remedy}`);
  });

  it.each([
    [
      'is big-endian',
      { endianness: 'BIG' as const },
      /^v\.index: is big-endian; save the checkpoint on a little-endian/,
    ],
    ['claims no data file', { numShards: 0 }, /^v\.index: declares 0 data files; expected 1 to 1000; /],
    [
      'claims a million data files',
      { numShards: 1_000_000 },
      /^v\.index: declares 1000000 data files; expected 1 to 1000; /,
    ],
  ])('are rejected if the index %s', (_, header, message) => {
    expect(refusalOf(() => open(writeBundle('v', [], header)))).toMatch(message);
  });

  it('do not print what a name could do to a terminal', () => {
    const name = `\u001b[2J${'x'.repeat(400)}`;
    const message = refusalOf(() => open(weights()).read(name));
    expect(message).not.toContain('\u001b');
    expect(message.length).toBeLessThan(400);
  });
});

function change(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] ^= 1;
  return changed;
}
