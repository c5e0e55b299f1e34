import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

import { ServiceDefinitionError } from './service-definition-content';

/** Limits on the content of a zip. The zip is untrusted, and a few kilobytes can declare gigabytes. */
export interface ZipLimits {
  /** @default 1 GiB */
  readonly maxEntryBytes?: number | undefined;
  /** @default 2 GiB */
  readonly maxTotalBytes?: number | undefined;
  /** @default 1,000 */
  readonly maxEntries?: number | undefined;
}

/** A compressed file in a zip. */
export interface ZipEntry {
  readonly name: string;
  /** Declared number of bytes. */
  readonly size: number;
  readonly isDeflated: boolean;
  readonly packed: Uint8Array;
  readonly checksum: number;
}

const GIB = 1024 ** 3;
export const DEFAULT_TOTAL_BYTES = 2 * GIB;
/** Deflate expands two bits to at most 258 bytes. @see https://www.rfc-editor.org/rfc/rfc1951 */
const MAX_DEFLATE_RATIO = 1032;

const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const IN_ZIP64_FIELD = 0xffff_ffff;

const inflateAsync = promisify(zlib.inflateRaw);

// Requires Node.js 20.15 or 22.2.
const { crc32 } = zlib as Partial<typeof zlib>;

/**
 * Lists the files of a zip and checks their names, sizes and number before any file is inflated. Stacks read zips
 * synchronously and servers asynchronously; libraries support only one of the two.
 * @throws ServiceDefinitionError if the zip is invalid or exceeds a limit
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function listZip(bytes: Buffer, limits: ZipLimits = {}): readonly ZipEntry[] {
  const { maxEntryBytes = GIB, maxTotalBytes = DEFAULT_TOTAL_BYTES, maxEntries = 1000 } = limits;
  const end = findEnd(bytes);
  const count = bytes.readUInt16LE(end + 10);
  if (count > maxEntries) {
    throw new ServiceDefinitionError(`the zip has ${count} entries; expected at most ${maxEntries}`);
  }
  const entries = new Map<string, ZipEntry>();
  let total = 0;
  let at = bytes.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    const header = readCentralHeader(bytes, at, end);
    at = header.next;
    const { name, size, packedSize, method } = header;
    if (name.endsWith('/')) {
      continue;
    }
    if (entries.has(name)) {
      throw new ServiceDefinitionError(`the zip has two entries named ${name}`);
    }
    total += size;
    if (size > maxEntryBytes || total > maxTotalBytes) {
      throw new ServiceDefinitionError(
        `the zip's entry ${name} has ${size} bytes; ` +
          `expected at most ${maxEntryBytes} bytes per entry and ${maxTotalBytes} in total`,
      );
    }
    if (method === DEFLATED && size > (packedSize + 1) * MAX_DEFLATE_RATIO) {
      throw new ServiceDefinitionError(
        `the zip's entry ${name} declares ${size} bytes in ${packedSize} compressed bytes, ` +
          'which is impossible; write the zip again',
      );
    }
    if (header.isEncrypted) {
      throw new ServiceDefinitionError(
        `the zip's entry ${name} is encrypted; write the zip without a password`,
      );
    }
    if (method !== STORED && method !== DEFLATED) {
      refuse(`entry ${name} has the unsupported compression method ${method}`);
    }
    if (method === STORED && packedSize !== size) {
      refuse(`entry ${name} has ${packedSize} bytes, expected ${size}`);
    }
    const packed = readPacked(bytes, name, header.offset, packedSize, end);
    entries.set(name, { name, size, isDeflated: method === DEFLATED, packed, checksum: header.checksum });
  }
  return [...entries.values()];
}

/**
 * Returns the content of a file in a zip, inflated on Node.js's thread pool.
 * @throws ServiceDefinitionError if the content does not match its headers
 */
export async function readEntry(entry: ZipEntry): Promise<Uint8Array> {
  if (!entry.isDeflated) {
    return verify(entry, entry.packed);
  }
  const content = await inflateAsync(entry.packed, { maxOutputLength: limitOf(entry) }).catch(
    (error: unknown) => refuseInflated(entry, error),
  );
  return verify(entry, content);
}

/** Returns the content of a file in a zip synchronously. */
export function readEntrySync(entry: ZipEntry): Uint8Array {
  if (!entry.isDeflated) {
    return verify(entry, entry.packed);
  }
  let content: Uint8Array;
  try {
    content = zlib.inflateRawSync(entry.packed, { maxOutputLength: limitOf(entry) });
  } catch (error) {
    return refuseInflated(entry, error);
  }
  return verify(entry, content);
}

interface CentralHeader {
  readonly name: string;
  readonly size: number;
  readonly packedSize: number;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly checksum: number;
  readonly offset: number;
  /** Offset of the next header. */
  readonly next: number;
}

/** Finds the end record, which contains the offset of the central directory. A comment may follow it. */
function findEnd(bytes: Buffer): number {
  const first = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT_BYTES);
  for (let at = bytes.length - END_BYTES; at >= first; at -= 1) {
    if (
      bytes.readUInt32LE(at) === 0x06054b50 &&
      at + END_BYTES + bytes.readUInt16LE(at + 20) === bytes.length
    ) {
      return at;
    }
  }
  throw new ServiceDefinitionError(
    'the service definition is not a zip (it has no end record); ' +
      'expected a file that ServiceDefinition or the Azure ML SDK wrote',
  );
}

function readCentralHeader(bytes: Buffer, at: number, end: number): CentralHeader {
  if (at + CENTRAL_BYTES > end || bytes.readUInt32LE(at) !== 0x02014b50) {
    refuse(`its list of entries is damaged at ${at}`);
  }
  const nameEnd = at + CENTRAL_BYTES + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const next = extraEnd + bytes.readUInt16LE(at + 32);
  if (next > end) {
    refuse(`its list of entries is damaged at ${at}`);
  }
  const name = bytes.toString('utf8', at + CENTRAL_BYTES, nameEnd);
  refuseName(name);
  const large = new Zip64Field(bytes.subarray(nameEnd, extraEnd));
  const read = (offset: number): number => {
    const value = bytes.readUInt32LE(offset);
    return value === IN_ZIP64_FIELD ? large.next() : value;
  };
  return {
    name,
    size: read(at + 24),
    packedSize: read(at + 20),
    method: bytes.readUInt16LE(at + 10),
    isEncrypted: (bytes.readUInt16LE(at + 8) & ENCRYPTED) !== 0,
    checksum: bytes.readUInt32LE(at + 16),
    offset: read(at + 42),
    next,
  };
}

/** Reads the extra field with the sizes that do not fit into 32 bits, which are in a fixed order. */
class Zip64Field {
  private readonly field: Buffer;
  private at = 0;

  constructor(extra: Buffer) {
    let field: Buffer = Buffer.alloc(0);
    for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
      if (extra.readUInt16LE(at) === 1) {
        field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
      }
    }
    this.field = field;
  }

  next(): number {
    if (this.at + 8 > this.field.length) {
      refuse('an entry does not declare its size');
    }
    const value = Number(this.field.readBigUInt64LE(this.at));
    this.at += 8;
    return value;
  }
}

function refuseName(name: string): void {
  if (/[\\\0]/.test(name)) {
    refuse(`invalid characters in fileName: ${name}`);
  }
  if (/^([A-Za-z]:)?\//.test(name) || /^[A-Za-z]:/.test(name)) {
    refuse(`absolute path: ${name}`);
  }
  if (name === '' || name.split('/').includes('..')) {
    refuse(`invalid relative path: ${name}`);
  }
}

function readPacked(bytes: Buffer, name: string, offset: number, size: number, end: number): Uint8Array {
  if (offset + LOCAL_BYTES > end || bytes.readUInt32LE(offset) !== 0x04034b50) {
    return refuse(`entry ${name} is not at the offset in the list of entries`);
  }
  const start = offset + LOCAL_BYTES + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  if (start + size > end) {
    refuse(`entry ${name} extends beyond the end of the zip, which is truncated`);
  }
  return bytes.subarray(start, start + size);
}

/** zlib does not accept a limit of 0. */
function limitOf({ size }: ZipEntry): number {
  return Math.max(1, size);
}

function verify({ name, size, checksum }: ZipEntry, content: Uint8Array): Uint8Array {
  if (content.length !== size) {
    const amount = content.length < size ? 'not enough bytes' : 'too many bytes';
    refuse(`${amount} in entry ${name}: expected ${size}, got ${content.length}`);
  }
  if (crc32 && crc32(content) !== checksum) {
    throw new ServiceDefinitionError(
      `the zip's entry ${name} is damaged (checksum mismatch); copy the zip again`,
    );
  }
  return content;
}

function refuseInflated({ name, size }: ZipEntry, error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  return refuse(
    code === 'ERR_BUFFER_TOO_LARGE'
      ? `too many bytes in entry ${name}: expected ${size}`
      : `entry ${name} cannot be inflated (${message})`,
    error,
  );
}

function refuse(finding: string, cause?: unknown): never {
  throw new ServiceDefinitionError(
    `the zip is invalid: ${finding}; ` +
      'expected a file that ServiceDefinition wrote: relative names with "/" and entries of the declared size',
    { cause },
  );
}
