import { GrpcStatus as status } from '../../errors/grpc-status';
import { StatusError } from '../status-error';

/** Clients limit response headers to 8 KB, and a message that quotes the request can be much longer. */
const MAX_CHARACTERS = 1024;

const UNIT_MS = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
/** Maximum delay of setTimeout (24.8 days). It fires immediately for anything longer. */
const LONGEST_MS = 2 ** 31 - 1;

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

/**
 * Parses the `grpc-timeout` header: up to eight digits and a unit.
 * @returns whole milliseconds, or `undefined` if the caller set no deadline
 * @throws StatusError INVALID_ARGUMENT
 */
export function parseTimeout(header: string | string[] | undefined): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const match = /^(\d{1,8})([HMSmun])$/.exec(String(header));
  if (!match) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `grpc-timeout is "${String(header)}"; expected 1 to 8 digits and a unit: H, M, S, m, u or n`,
    );
  }
  return Math.min(Math.ceil(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]), LONGEST_MS);
}
