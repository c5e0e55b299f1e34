import type { Type } from 'protobufjs/light';

/**
 * Makes a message type accept a `Float32Array` for a packed `repeated float` field, and write its memory in one copy.
 * protobufjs accepts only an `Array` and calls a function for each element, which takes milliseconds for a batch. The bytes
 * are the same: packed floats are little-endian, like memory on every supported platform.
 * @param field name of the field
 * @see https://protobuf.dev/programming-guides/encoding/#packed
 */
export function writeFloatsFromMemory(type: Type, field: string): void {
  const { id } = type.fields[field];
  const tag = (id << 3) | 2;
  type.setup();
  // Before they are replaced below: protobufjs has generated them as properties of this type.
  const fromObject = type.fromObject.bind(type);
  const encode = type.encode.bind(type);
  type.fromObject = (object, ...depth) => {
    const floats = object[field] as unknown;
    if (!isMemory(floats)) {
      return fromObject(object, ...depth);
    }
    return Object.assign(fromObject({ ...object, [field]: [] }, ...depth), { [field]: floats });
  };
  type.encode = (message, ...writerAndDepth) => {
    const floats = (message as Record<string, unknown>)[field];
    if (!isMemory(floats)) {
      return encode(message, ...writerAndDepth);
    }
    const writer = encode(Object.assign({}, message, { [field]: [] }), ...writerAndDepth);
    if (floats.length === 0) {
      return writer;
    }
    return writer.uint32(tag).bytes(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));
  };
}

/** Not `instanceof`: an array from another thread can belong to another realm. */
function isMemory(floats: unknown): floats is Float32Array {
  return ArrayBuffer.isView(floats);
}
