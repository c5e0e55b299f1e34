/** Clients limit response headers to 8 KB, and a message that quotes the request can be much longer. */
const MAX_CHARACTERS = 1024;

/** Shortens a message so that it can be sent and logged. */
export function shorten(message: string): string {
  return message.length <= MAX_CHARACTERS ? message : `${message.slice(0, MAX_CHARACTERS - 1)}…`;
}

/** Encodes a message for the `grpc-message` header: UTF-8 with everything but printable ASCII percent-encoded. */
export function encodeMessage(message: string): string {
  // Buffer replaces a lone surrogate with U+FFFD, whereas encodeURIComponent throws.
  return Buffer.from(message, 'utf8').reduce((encoded, byte) => encoded + encodeByte(byte), '');
}

function encodeByte(byte: number): string {
  return byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    ? String.fromCharCode(byte)
    : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
