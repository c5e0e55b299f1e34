import net from 'node:net';

/** Frames as RFC 9113 has them, for peers that do not keep to it. */
const TYPES = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  continuation: 9,
};

export const END_STREAM = 1;
export const END_HEADERS = 4;

const FRAME_HEADER_BYTES = 9;

export function frame(
  type: keyof typeof TYPES,
  streamId: number,
  payload: Uint8Array = Buffer.alloc(0),
  flags = 0,
): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = TYPES[type];
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

/** A header field that goes into no table: RFC 7541, section 6.2.2. */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0), string(name), string(value)]);
}

/** A header field that goes into the dynamic table: section 6.2.1. */
export function indexed(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0x40), string(name), string(value)]);
}

/** The newest entry of the dynamic table, in one byte: section 6.1. */
export const NEWEST_ENTRY = Buffer.of(0x80 | 62);

/** The fields of a gRPC call. */
export function callHeaders(path: string): Buffer {
  return Buffer.concat([
    literal(':method', 'POST'),
    literal(':scheme', 'http'),
    literal(':path', path),
    literal(':authority', 'localhost'),
    literal('content-type', 'application/grpc'),
    literal('te', 'trailers'),
  ]);
}

export const rstStream = (streamId: number): Buffer => frame('rstStream', streamId, Buffer.of(0, 0, 0, 8));

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** An integer with a prefix of 7 bits: section 5.1. */
function integer(value: number): Buffer {
  if (value < 127) {
    return Buffer.of(value);
  }
  const bytes = [127];
  let rest = value - 127;
  while (rest >= 128) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}

const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame('settings', 0)]);

/** A peer that writes what it likes. */
export class Attacker {
  readonly socket: net.Socket;
  /** The error codes of the GOAWAY frames that came: RFC 9113, section 7. */
  readonly goAways: number[] = [];
  private unread = Buffer.alloc(0);
  private isClosed = false;

  /** @param reads whether it takes what the server answers */
  constructor(port: number, reads = true) {
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    if (reads) {
      this.socket.on('data', (chunk: Buffer) => {
        this.read(chunk);
      });
    }
    this.socket.write(PREFACE);
  }

  /** Whether the server has ended the connection. */
  get closed(): boolean {
    return this.isClosed;
  }

  /**
   * Repeats something until the server ends the connection, or as often as it is told to.
   * @param make the bytes of one turn
   * @returns how many turns the server took
   */
  async flood(times: number, make: (turn: number) => Uint8Array): Promise<number> {
    for (let turn = 0; turn < times; turn += 1) {
      if (this.isClosed || this.socket.destroyed) {
        return turn;
      }
      if (!this.socket.write(make(turn))) {
        await this.drained();
      }
      // The good callers of a test share its thread.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return times;
  }

  close(): void {
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    let rest = Buffer.concat([this.unread, chunk]);
    while (rest.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + rest.readUIntBE(0, 3);
      if (rest.length < end) {
        break;
      }
      if (rest[3] === TYPES.goAway) {
        this.goAways.push(rest.readUInt32BE(FRAME_HEADER_BYTES + 4));
      }
      rest = rest.subarray(end);
    }
    this.unread = rest;
  }

  private drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.socket.off('drain', done).off('close', done);
        resolve();
      };
      this.socket.on('drain', done).on('close', done);
    });
  }
}
