import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import { afterwards } from '../support/cleanup';

const TXT = 16;
const CLASS_IN = 1;
const HEADER_BYTES = 12;
/** A response of an authoritative server, without an error. */
const RESPONSE = 0x8400;

/**
 * Starts a DNS server, which ends with the test. It knows TXT records; other types have no records.
 * @param lookUp returns the TXT records of a name in lowercase, without the final dot
 * @returns its address, as `host:port`
 */
export async function startNameserver(lookUp: (name: string) => readonly string[]): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => {
    const { name, type, end } = questionOf(query);
    const records = type === TXT ? lookUp(name) : [];
    const header = Buffer.from(query.subarray(0, HEADER_BYTES));
    header.writeUInt16BE(RESPONSE, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    const question = query.subarray(HEADER_BYTES, end);
    socket.send(Buffer.concat([header, question, ...records.map((text) => textRecord(text))]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  afterwards(() => {
    socket.close();
  });
  return `127.0.0.1:${socket.address().port}`;
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let offset = HEADER_BYTES;
  for (let length = query.readUInt8(offset); length > 0; length = query.readUInt8(offset)) {
    labels.push(query.toString('latin1', offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
  // Authorities vary the case of a name to detect forged responses.
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(offset + 1), end: offset + 5 };
}

/** A record of the name in the question, with a TTL of 0. */
function textRecord(text: string): Buffer {
  const data = Buffer.from(text);
  const start = Buffer.alloc(13);
  start.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  start.writeUInt16BE(TXT, 2);
  start.writeUInt16BE(CLASS_IN, 4);
  start.writeUInt16BE(data.length + 1, 10);
  start.writeUInt8(data.length, 12);
  return Buffer.concat([start, data]);
}
