import { createSocket, type RemoteInfo } from 'node:dgram';

/** A name server that a test started, on 127.0.0.1. */
export interface NameServerPeer {
  /** `127.0.0.1:5353`, as a resolver is given it. */
  readonly address: string;
  close(): Promise<void>;
}

/** What a name server says of a name. */
export type NameServerAnswer =
  | { readonly addresses: readonly string[]; readonly ttlSeconds: number }
  | 'no such name'
  | 'server failure'
  | 'silence';

// RFC 1035, section 4.1.1: response codes.
const codes = { 'no such name': 3, 'server failure': 2 };
const TYPE_A = 1;

/** Starts a name server that has A records alone. @param answer asked for each query */
export async function startNameServer(answer: (name: string) => NameServerAnswer): Promise<NameServerPeer> {
  const socket = createSocket('udp4');
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    const { name, type, end } = readQuestion(query);
    const said = answer(name);
    if (said !== 'silence') {
      socket.send(
        response(query.subarray(0, 2), query.subarray(12, end), type, said),
        from.port,
        from.address,
      );
    }
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise((resolve) => void socket.close(resolve)),
  };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]; length > 0; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function response(
  id: Buffer,
  question: Buffer,
  type: number,
  said: Exclude<NameServerAnswer, 'silence'>,
): Buffer {
  const records =
    typeof said === 'string' || type !== TYPE_A ? [] : said.addresses.map((a) => record(a, said.ttlSeconds));
  const header = Buffer.alloc(10);
  // A response, authoritative, with recursion available.
  header.writeUInt16BE(0x8580 | (typeof said === 'string' ? codes[said] : 0), 0);
  header.writeUInt16BE(1, 2);
  header.writeUInt16BE(records.length, 4);
  return Buffer.concat([id, header, question, ...records]);
}

function record(address: string, ttlSeconds: number): Buffer {
  const bytes = Buffer.alloc(16);
  // The name is the question's, at byte 12.
  bytes.writeUInt16BE(0xc00c, 0);
  bytes.writeUInt16BE(TYPE_A, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt32BE(ttlSeconds, 6);
  bytes.writeUInt16BE(4, 10);
  address.split('.').forEach((part, index) => bytes.writeUInt8(Number(part), 12 + index));
  return bytes;
}
