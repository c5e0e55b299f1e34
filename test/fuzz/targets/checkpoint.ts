import { crc32c, maskCrc32c } from '../../../lib/tensorflow/crc32c';
import { FileProblem } from '../../../lib/tensorflow/file-problem';
import { TensorBundle } from '../../../lib/tensorflow/tensor-bundle';
import { refusesWith } from '../refusal';

/** The variables of a checkpoint's index are read from 64 bytes of data, or refused with what is wrong. */
export async function fuzz(data: Buffer): Promise<void> {
  // Damage rarely survives the checksums: the second index has right ones around the data.
  for (const index of [data, asBlock(data)]) {
    const files = new Map([
      ['v.index', index],
      ['v.data-00000-of-00001', Buffer.alloc(64)],
    ]);
    const bundle = await refusesWith([FileProblem], () => TensorBundle.open('v', (name) => files.get(name)));
    for (const name of bundle?.names ?? []) {
      const tensor = await refusesWith([FileProblem], () => bundle?.read(name));
      if (tensor && tensor.content.length > 64) {
        throw new Error(`read ${tensor.content.length} of 64 bytes`);
      }
    }
  }
}

/** A table whose only data block is the data: as it is, or as Snappy by its first byte. */
function asBlock(data: Buffer): Buffer {
  const first = withTrailer(data.subarray(1), data.length > 0 && data[0] === 1 ? 1 : 0);
  const handle = Buffer.concat([varint(0), varint(first.length - 5)]);
  const restarts = Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]);
  const entry = Buffer.concat([Buffer.from([0, 1, handle.length, 0x7a]), handle, restarts]);
  const second = withTrailer(entry, 0);
  const footer = Buffer.alloc(48);
  Buffer.concat([varint(0), varint(0), varint(first.length), varint(entry.length)]).copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  return Buffer.concat([first, second, footer]);
}

function withTrailer(block: Buffer, compression: number): Buffer {
  const trailer = Buffer.from([compression, 0, 0, 0, 0]);
  trailer.writeUInt32LE(maskCrc32c(crc32c(Buffer.concat([block, trailer.subarray(0, 1)]))), 1);
  return Buffer.concat([block, trailer]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 128);
  }
  return Buffer.from([...bytes, rest]);
}
