import { crc32c, maskCrc32c } from '../../../lib/tensorflow/crc32c';
import { messageType } from '../../../lib/wire/proto/load';
import type {
  BundleEntryProto,
  BundleEntryProto__Output,
} from '../../../lib/wire/proto/types/tensorflow/BundleEntryProto';
import type {
  BundleHeaderProto,
  BundleHeaderProto__Output,
} from '../../../lib/wire/proto/types/tensorflow/BundleHeaderProto';
import type { GraphDef } from '../../../lib/wire/proto/types/tensorflow/GraphDef';
import type {
  MetaGraphDef,
  MetaGraphDef__Output,
} from '../../../lib/wire/proto/types/tensorflow/MetaGraphDef';

/** How a table is laid out; readers must not care. */
export interface TableLayout {
  /** Entries per data block. */
  readonly blockEntries?: number;
  /** Entries of a block after which a key is written in full. */
  readonly restartInterval?: number;
  /** Compresses a block by Snappy; blocks are stored as they are without it. */
  readonly compress?: ((block: Buffer) => Buffer) | undefined;
}

/** Writes a sorted string table. Keys must be in the order of their bytes. */
export function writeTable(
  entries: readonly (readonly [Buffer, Buffer])[],
  layout: TableLayout = {},
): Buffer {
  const { blockEntries = 16, restartInterval = 4, compress } = layout;
  const parts: Buffer[] = [];
  let offset = 0;
  const add = (block: Buffer): Buffer => {
    const stored = compress?.(block) ?? block;
    const type = Buffer.from([compress ? 1 : 0]);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(maskCrc32c(crc32c(Buffer.concat([stored, type]))));
    parts.push(stored, type, checksum);
    const handle = Buffer.concat([varint(offset), varint(stored.length)]);
    offset += stored.length + 5;
    return handle;
  };
  const index: (readonly [Buffer, Buffer])[] = [];
  for (let start = 0; start < entries.length; start += blockEntries) {
    const block = entries.slice(start, start + blockEntries);
    index.push([block.at(-1)![0], add(writeBlock(block, restartInterval))]);
  }
  const metaIndex = add(writeBlock([], 1));
  const handles = Buffer.concat([metaIndex, add(writeBlock(index, 1))]);
  const footer = Buffer.alloc(48);
  handles.copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  return Buffer.concat([...parts, footer]);
}

function writeBlock(entries: readonly (readonly [Buffer, Buffer])[], restartInterval: number): Buffer {
  const parts: Buffer[] = [];
  const restarts: number[] = [];
  let size = 0;
  let before: Buffer = Buffer.alloc(0);
  entries.forEach(([key, value], index) => {
    const isRestart = index % restartInterval === 0;
    if (isRestart) {
      restarts.push(size);
    }
    let shared = 0;
    while (!isRestart && shared < Math.min(before.length, key.length) && before[shared] === key[shared]) {
      shared += 1;
    }
    const entry = Buffer.concat([
      varint(shared),
      varint(key.length - shared),
      varint(value.length),
      key.subarray(shared),
      value,
    ]);
    parts.push(entry);
    size += entry.length;
    before = key;
  });
  if (restarts.length === 0) {
    restarts.push(0);
  }
  const trailer = Buffer.alloc(4 * (restarts.length + 1));
  [...restarts, restarts.length].forEach((value, index) => trailer.writeUInt32LE(value, 4 * index));
  return Buffer.concat([...parts, trailer]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** A Snappy block that holds its bytes as literals alone. */
export function literalSnappy(bytes: Buffer): Buffer {
  const parts = [varint(bytes.length)];
  for (let at = 0; at < bytes.length; at += 60) {
    const part = bytes.subarray(at, at + 60);
    parts.push(Buffer.from([(part.length - 1) << 2]), part);
  }
  return Buffer.concat(parts);
}

/** A variable to save. Its bytes default to floats. */
export interface SavedVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Makes the index say something else than the truth. */
  readonly claim?: Partial<BundleEntryProto>;
}

const header = messageType<BundleHeaderProto, BundleHeaderProto__Output>('tensorflow.BundleHeaderProto');
const entryCodec = messageType<BundleEntryProto, BundleEntryProto__Output>('tensorflow.BundleEntryProto');
const metaCodec = messageType<MetaGraphDef, MetaGraphDef__Output>('tensorflow.MetaGraphDef');

/** Writes the files of a tensor bundle: `<prefix>.index` and one data file. */
export function writeBundle(
  prefix: string,
  variables: readonly SavedVariable[],
  claim: Partial<BundleHeaderProto> = {},
  layout?: TableLayout,
): Map<string, Buffer> {
  let offset = 0;
  const contents: Buffer[] = [];
  const entries = variables.map(({ name, shape, values, claim: entryClaim }) => {
    const content = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    contents.push(content);
    const entry: BundleEntryProto = {
      dtype: 'DT_FLOAT',
      shape: { dim: shape.map((size) => ({ size })) },
      offset,
      size: content.length,
      crc32c: maskCrc32c(crc32c(content)),
      ...entryClaim,
    };
    offset += content.length;
    return [Buffer.from(name), entryCodec.serialize(entry)] as const;
  });
  const first = [
    Buffer.alloc(0),
    header.serialize({ numShards: 1, version: { producer: 1 }, ...claim }),
  ] as const;
  const sorted = [first, ...entries.sort(([left], [right]) => Buffer.compare(left, right))];
  return new Map([
    [`${prefix}.index`, writeTable(sorted, layout)],
    [`${prefix}.data-00000-of-00001`, Buffer.concat(contents)],
  ]);
}

/** Writes a checkpoint's `.meta` file. */
export function writeMetaGraph(graph: GraphDef, more: Partial<MetaGraphDef> = {}): Buffer {
  return metaCodec.serialize({ graphDef: graph, ...more });
}
