/** Clients limit a response's headers to 8 KB; what a message quotes from a request can be much longer. */
const MAX_CHARACTERS = 1024;

/** A message that is short enough to be sent and logged. */
export function shorten(message: string): string {
  return message.length <= MAX_CHARACTERS ? message : `${message.slice(0, MAX_CHARACTERS - 1)}…`;
}

/** A message as the header `grpc-message` carries it: UTF-8 in which all but printable ASCII is percent-encoded. */
export function encodeMessage(message: string): string {
  // Buffer writes half a surrogate pair as U+FFFD, where encodeURIComponent would throw.
  return Buffer.from(message, 'utf8').reduce((encoded, byte) => encoded + encodeByte(byte), '');
}

function encodeByte(byte: number): string {
  return byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    ? String.fromCharCode(byte)
    : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
