import { messageType } from '../wire/proto/load';
import type {
  BundleEntryProto,
  BundleEntryProto__Output,
} from '../wire/proto/types/tensorflow/BundleEntryProto';
import type {
  BundleHeaderProto,
  BundleHeaderProto__Output,
} from '../wire/proto/types/tensorflow/BundleHeaderProto';
import type { DataType__Output } from '../wire/proto/types/tensorflow/DataType';
import { printable } from '../report/terminal-text';
import { elementCount, formatShape } from '../wire/tensor';
import { crc32c, maskCrc32c } from './crc32c';
import { FileProblem } from './file-problem';
import { readSortedTable } from './sorted-table';

/** A tensor of a checkpoint. */
export interface StoredTensor {
  readonly dtype: DataType__Output;
  readonly shape: readonly number[];
  /** Elements in row-major order, little-endian. They share the memory of the data file. */
  readonly content: Uint8Array;
}

/** Reads a file by name; `undefined` if it does not exist. */
export type ReadFile = (name: string) => Uint8Array | undefined;

const headerCodec = messageType<BundleHeaderProto, BundleHeaderProto__Output>('tensorflow.BundleHeaderProto');
const entryCodec = messageType<BundleEntryProto, BundleEntryProto__Output>('tensorflow.BundleEntryProto');

const MAX_SHARDS = 1000;
const MAX_DIMENSIONS = 32;

const ELEMENT_BYTES: Partial<Record<DataType__Output, number>> = {
  DT_FLOAT: 4,
  DT_DOUBLE: 8,
  DT_HALF: 2,
  DT_BFLOAT16: 2,
  DT_INT8: 1,
  DT_UINT8: 1,
  DT_INT16: 2,
  DT_UINT16: 2,
  DT_INT32: 4,
  DT_UINT32: 4,
  DT_INT64: 8,
  DT_UINT64: 8,
  DT_BOOL: 1,
};

/**
 * Variables of a checkpoint in TensorFlow's format of version 2 (`tensor_bundle`): an index, `<prefix>.index`, and one or
 * several data files, `<prefix>.data-00000-of-00001`.
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/tensor_bundle/tensor_bundle.h
 */
export class TensorBundle {
  private readonly index: string;

  private constructor(
    private readonly prefix: string,
    private readonly shards: number,
    private readonly entries: ReadonlyMap<string, BundleEntryProto__Output>,
    private readonly readFile: ReadFile,
  ) {
    this.index = `${prefix}.index`;
  }

  /**
   * Reads the index.
   * @param prefix common prefix of the checkpoint's files, such as `variables/variables`
   * @throws FileProblem if the index is missing or invalid
   */
  static open(prefix: string, readFile: ReadFile): TensorBundle {
    const file = `${prefix}.index`;
    const bytes = readFile(file);
    if (bytes === undefined) {
      throw new FileProblem(
        file,
        'is missing',
        'add the whole checkpoint: its .index, .data and .meta files',
      );
    }
    const table = new Map(readSortedTable(file, bytes));
    const header = table.get('');
    table.delete('');
    if (header === undefined) {
      throw new FileProblem(file, 'has no header', 'save the checkpoint again');
    }
    const { numShards, endianness } = decode(headerCodec, file, 'its header', header);
    if (endianness !== 'LITTLE') {
      throw new FileProblem(file, 'is big-endian', 'save the checkpoint on a little-endian machine');
    }
    if (numShards < 1 || numShards > MAX_SHARDS) {
      throw new FileProblem(
        file,
        `declares ${numShards} data files; expected 1 to ${MAX_SHARDS}`,
        'save the checkpoint again',
      );
    }
    const entries = [...table].map(([key, value]) => {
      const name = Buffer.from(key, 'latin1').toString('utf8');
      const entry = decode(entryCodec, file, `its entry '${shown(name)}'`, value);
      return [name, entry] as const;
    });
    return new TensorBundle(prefix, numShards, new Map(entries), readFile);
  }

  get names(): readonly string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /**
   * Reads a tensor and verifies its checksum.
   * @throws FileProblem if the tensor does not exist, is damaged, is not numeric or is not at the location in the index
   */
  read(name: string): StoredTensor {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      const some = this.names.slice(0, 5).join(', ');
      throw new FileProblem(
        this.index,
        `has no tensor '${shown(name)}'; it has ${some || 'none'}`,
        'use the checkpoint that belongs to the graph',
      );
    }
    const what = `the tensor '${shown(name)}'`;
    if (entry.slices.length > 0) {
      throw new FileProblem(
        this.index,
        `${what} is saved in ${entry.slices.length} parts, which is not supported`,
        'save it without a partitioner, or freeze the graph',
      );
    }
    const { dtype, offset, size } = entry;
    const shape = (entry.shape?.dim ?? []).map((dim) => dim.size);
    const bytes = ELEMENT_BYTES[dtype];
    if (bytes === undefined) {
      throw new FileProblem(this.index, `${what} is of type ${dtype}; expected numbers`, 'freeze the graph');
    }
    if (
      shape.length > MAX_DIMENSIONS ||
      shape.some((length) => length < 0) ||
      size !== elementCount(shape) * bytes
    ) {
      throw new FileProblem(
        this.index,
        `${what} of shape ${formatShape(shape)} and type ${dtype} declares ${size} bytes`,
        'save the checkpoint again',
      );
    }
    const content = this.readContent(what, entry.shardId, offset, size);
    if (maskCrc32c(crc32c(content)) !== entry.crc32c) {
      throw new FileProblem(
        this.dataFile(entry.shardId),
        `${what} is damaged (checksum mismatch)`,
        'copy the checkpoint again',
      );
    }
    return { dtype, shape, content };
  }

  private readContent(what: string, shard: number, offset: number, size: number): Uint8Array {
    if (shard < 0 || shard >= this.shards) {
      throw new FileProblem(
        this.index,
        `${what} is in data file ${shard} of ${this.shards}`,
        'save the checkpoint again',
      );
    }
    const file = this.dataFile(shard);
    const data = this.readFile(file);
    if (data === undefined) {
      throw new FileProblem(
        file,
        'is missing',
        'add the whole checkpoint: its .index, .data and .meta files',
      );
    }
    if (offset < 0 || offset + size > data.length) {
      throw new FileProblem(
        file,
        `according to the index, ${what} is at ${offset} to ${offset + size}, but the file has only ${data.length} bytes`,
        'copy the checkpoint again: the file is truncated, or the index belongs to another file',
      );
    }
    return data.subarray(offset, offset + size);
  }

  private dataFile(shard: number): string {
    const digits = (value: number) => String(value).padStart(5, '0');
    return `${this.prefix}.data-${digits(shard)}-of-${digits(this.shards)}`;
  }
}

function decode<Output>(
  codec: { deserialize(bytes: Buffer): Output },
  file: string,
  what: string,
  value: Uint8Array,
): Output {
  try {
    return codec.deserialize(Buffer.from(value));
  } catch (error) {
    throw new FileProblem(file, `${what} is damaged`, 'save the checkpoint again', error);
  }
}

/** Formats a name. The file is untrusted, so its names must not flood a message or control a terminal. */
function shown(name: string): string {
  return printable(name.slice(0, 200));
}
