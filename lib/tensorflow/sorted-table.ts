import { ByteReader } from './byte-reader';
import { crc32c, maskCrc32c } from './crc32c';
import { FileProblem } from './file-problem';
import { decompressSnappy } from './snappy';

const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
/** Compression type and checksum behind each block. */
const TRAILER_BYTES = 5;
const SNAPPY = 1;

const REMEDY = 'copy the file again, or save the checkpoint again';

/** Limits on the content of an index. The index is untrusted, and key compression makes small files large. */
const LIMITS = {
  fileBytes: 64 * 2 ** 20,
  blockBytes: 16 * 2 ** 20,
  entries: 200_000,
  keyBytes: 4096,
  allKeyBytes: 64 * 2 ** 20,
};

/** Location of a block in the file. */
interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/**
 * Reads a sorted string table, the format of LevelDB's tables, in which TensorFlow writes a checkpoint's index.
 * @param file name of the file, for messages
 * @returns values by key, in the order of the keys
 * @throws FileProblem if the file is damaged, truncated or exceeds a limit
 * @see https://github.com/google/leveldb/blob/main/doc/table_format.md
 */
export function readSortedTable(file: string, bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  return new SortedTable(file, bytes).read();
}

class SortedTable {
  private entries = 0;
  private keyBytes = 0;

  constructor(
    private readonly file: string,
    private readonly bytes: Uint8Array,
  ) {}

  read(): ReadonlyMap<string, Uint8Array> {
    if (this.bytes.length > LIMITS.fileBytes) {
      this.fail(`has ${this.bytes.length} bytes, expected at most ${LIMITS.fileBytes}`);
    }
    const values = new Map<string, Uint8Array>();
    let last: Buffer | undefined;
    for (const [, handle] of this.readBlock(this.readFooter())) {
      for (const [key, value] of this.readBlock(this.parseHandle(new ByteReader(handle)))) {
        if (last && Buffer.compare(last, key) >= 0) {
          this.fail('its keys are not in order');
        }
        last = key;
        values.set(key.toString('latin1'), value);
      }
    }
    return values;
  }

  /** Returns the location of the index block, which contains the locations of the other blocks. */
  private readFooter(): BlockHandle {
    if (this.bytes.length < FOOTER_BYTES) {
      this.fail(`is truncated to ${this.bytes.length} bytes`);
    }
    const footer = Buffer.from(this.bytes.subarray(-FOOTER_BYTES));
    if (footer.readBigUInt64LE(FOOTER_BYTES - 8) !== MAGIC) {
      this.fail('is truncated or is not the index of a TensorFlow checkpoint of version 2');
    }
    const reader = new ByteReader(footer.subarray(0, FOOTER_BYTES - 8));
    this.parseHandle(reader); // the meta index, which TensorFlow leaves empty
    return this.parseHandle(reader);
  }

  private parseHandle(reader: ByteReader): BlockHandle {
    const offset = reader.varint();
    const size = reader.varint();
    if (offset === undefined || size === undefined) {
      return this.fail('does not contain the location of its blocks');
    }
    return { offset, size };
  }

  private *readBlock(handle: BlockHandle): Iterable<[Buffer, Uint8Array]> {
    const block = this.decompress(handle);
    const view = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
    const restarts = block.length < 4 ? Infinity : view.readUInt32LE(block.length - 4);
    const end = block.length - 4 * (restarts + 1);
    if (end < 0) {
      this.fail(`its block at ${handle.offset} is too small for its restart points`);
    }
    const reader = new ByteReader(block.subarray(0, end));
    let key = Buffer.alloc(0);
    while (!reader.isAtEnd) {
      const shared = reader.varint();
      const rest = reader.varint();
      const valueLength = reader.varint();
      const suffix = rest === undefined ? undefined : reader.slice(rest);
      const value = valueLength === undefined ? undefined : reader.slice(valueLength);
      if (shared === undefined || shared > key.length || suffix === undefined || value === undefined) {
        return this.fail(
          `an entry of its block at ${handle.offset} extends beyond the block or the previous key`,
        );
      }
      key = Buffer.concat([key.subarray(0, shared), suffix]);
      this.count(key);
      yield [key, value];
    }
  }

  private decompress({ offset, size }: BlockHandle): Uint8Array {
    const end = offset + size;
    if (end + TRAILER_BYTES > this.bytes.length) {
      this.fail(
        `a block of ${size} bytes at ${offset} extends beyond the file, which has ${this.bytes.length} bytes`,
      );
    }
    const stored = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + end, TRAILER_BYTES).readUInt32LE(1);
    if (maskCrc32c(crc32c(this.bytes.subarray(offset, end + 1))) !== stored) {
      this.fail(`its block at ${offset} is damaged (checksum mismatch)`);
    }
    const block = this.bytes.subarray(offset, end);
    const compression = this.bytes[end];
    if (compression === 0) {
      return block;
    }
    const decompressed = compression === SNAPPY ? decompressSnappy(block, LIMITS.blockBytes) : undefined;
    return decompressed ?? this.fail(`its block at ${offset} cannot be decompressed`);
  }

  private count(key: Buffer): void {
    this.entries += 1;
    this.keyBytes += key.length;
    if (key.length > LIMITS.keyBytes) {
      this.fail(`has a key of ${key.length} bytes, expected at most ${LIMITS.keyBytes}`);
    }
    if (this.entries > LIMITS.entries || this.keyBytes > LIMITS.allKeyBytes) {
      this.fail(`has more than ${LIMITS.entries} entries, or keys of more than ${LIMITS.allKeyBytes} bytes`);
    }
  }

  private fail(finding: string): never {
    throw new FileProblem(this.file, finding, REMEDY);
  }
}
