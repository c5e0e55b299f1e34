import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip that no honest program would write. */
export interface CraftedEntry {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** @default - stored */
  readonly deflate?: boolean;
  /** What the headers claim it to inflate to. @default - the truth */
  readonly claimedSize?: number;
  /** @default - the truth */
  readonly claimedChecksum?: number;
  /** Whether the headers say that it has a password. */
  readonly encrypted?: boolean;
}

const ENCRYPTION_HEADER = 12;
const MAX_32_BITS = 0xffff_ffff;

/** Writes a zip byte by byte; sizes beyond 32 bits go into the zip64 field, as the format has it. */
export function craftZip(entries: readonly CraftedEntry[], claimedCount = entries.length): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '');
    const packed = entry.deflate ? deflateRawSync(content) : content;
    const data = entry.encrypted ? Buffer.concat([Buffer.alloc(ENCRYPTION_HEADER), packed]) : packed;
    const fields = headerFields(entry, content, data);
    const local = Buffer.concat([hex('504b0304'), fields, u16(0), Buffer.from(entry.name), data]);
    const { claimedSize = content.length } = entry;
    const extra =
      claimedSize >= MAX_32_BITS
        ? Buffer.concat([u16(1), u16(16), u64(claimedSize), u64(entry.deflate ? data.length : claimedSize)])
        : Buffer.alloc(0);
    centrals.push(
      Buffer.concat([
        hex('504b0102'),
        u16(45),
        fields,
        u16(extra.length),
        u16(0),
        u16(0),
        u16(0),
        u32(0),
        u32(offset),
        Buffer.from(entry.name),
        extra,
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  return Buffer.concat([
    ...locals,
    central,
    hex('504b0506'),
    u16(0),
    u16(0),
    u16(claimedCount),
    u16(claimedCount),
    u32(central.length),
    u32(offset),
    u16(0),
  ]);
}

/** From the version to the name's length: the same in both headers. */
function headerFields(entry: CraftedEntry, content: Buffer, data: Buffer): Buffer {
  const { name, deflate, encrypted, claimedSize = content.length, claimedChecksum = crc32(content) } = entry;
  const compressed = claimedSize >= MAX_32_BITS ? MAX_32_BITS : data.length;
  return Buffer.concat([
    u16(45),
    u16(encrypted ? 1 : 0),
    u16(deflate ? 8 : 0),
    u16(0),
    u16(0x21),
    u32(claimedChecksum),
    u32(compressed),
    u32(Math.min(claimedSize, MAX_32_BITS)),
    u16(Buffer.byteLength(name)),
  ]);
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex');
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
