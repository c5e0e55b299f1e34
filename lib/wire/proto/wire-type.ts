/**
 * How a value is encoded.
 * @see https://protobuf.dev/programming-guides/encoding/#structure
 */
export enum WireType {
  VARINT = 0,
  FIXED64 = 1,
  /** A length, then as many bytes. */
  LENGTH = 2,
  /** Groups are obsolete. They are only skipped. */
  GROUP = 3,
  END_GROUP = 4,
  FIXED32 = 5,
}

/** Returns the wire type of a tag, which a received message may have chosen at will. */
export function wireTypeOf(tag: number): WireType {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- others are rejected when the value is read or skipped
  return tag & 7;
}
