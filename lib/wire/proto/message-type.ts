import { types } from 'node:util';

import type { FieldDescriptor } from './descriptor';
import { enums, messages } from './types/descriptors';
import { WireReader } from './wire-reader';
import { WireType, wireTypeOf } from './wire-type';
import { WireWriter } from './wire-writer';

/**
 * A message as a plain object. Field names are camelCase, enum values are names (or numbers without a name), 64-bit integers are
 * numbers, and `bytes` are Buffers that share the received message's memory. A oneof has the name of the field that is set.
 */
type Message = Record<string, unknown>;

/** Type of values, which are read and written without a tag. */
interface ValueType {
  readonly wireType: WireType;
  /** Value of a field that a received message does not contain. */
  readonly initial: unknown;
  /** @param known earlier value of the same field, which a message is merged with */
  readonly read: (reader: WireReader, known?: unknown) => unknown;
  readonly write: (writer: WireWriter, value: unknown) => WireWriter;
}

/*
 * The codecs interpret the descriptors that scripts/proto generates. protobufjs compiles functions instead, which takes longer than
 * the rest of a command's startup, and it copies large fields.
 */

const { VARINT, FIXED32, FIXED64, LENGTH } = WireType;

function scalar<T>(
  wireType: WireType,
  initial: T,
  read: (reader: WireReader) => T,
  write: (writer: WireWriter, value: T) => WireWriter,
): ValueType {
  return { wireType, initial, read, write: write as ValueType['write'] };
}

const SCALARS = {
  bool: scalar(
    VARINT,
    false,
    (from) => from.bool(),
    (to, value) => to.bool(value),
  ),
  bytes: scalar(
    LENGTH,
    Buffer.alloc(0),
    (from) => from.bytes(),
    (to, value) => to.bytes(value),
  ),
  double: scalar(
    FIXED64,
    0,
    (from) => from.double(),
    (to, value) => to.double(value),
  ),
  fixed32: scalar(
    FIXED32,
    0,
    (from) => from.fixed32(),
    (to, value) => to.fixed32(value),
  ),
  float: scalar(
    FIXED32,
    0,
    (from) => from.float(),
    (to, value) => to.float(value),
  ),
  int32: scalar(
    VARINT,
    0,
    (from) => from.int32(),
    (to, value) => to.int32(value),
  ),
  int64: scalar(
    VARINT,
    0,
    (from) => from.int64(),
    (to, value) => to.int64(value),
  ),
  string: scalar(
    LENGTH,
    '',
    (from) => from.string(),
    (to, value) => to.string(value),
  ),
  uint32: scalar(
    VARINT,
    0,
    (from) => from.uint32(),
    (to, value) => to.uint32(value),
  ),
};

/** Enums that have been used. */
const enumTypes = new Map<string, ValueType>();

function valueType(name: string): ValueType {
  if (Object.hasOwn(SCALARS, name)) {
    return SCALARS[name as keyof typeof SCALARS];
  }
  if (!Object.hasOwn(enums, name)) {
    return MessageType.of(name);
  }
  const type = enumTypes.get(name) ?? enumType(name);
  enumTypes.set(name, type);
  return type;
}

function enumType(name: string): ValueType {
  const numbers: Readonly<Partial<Record<string, number>>> = enums[name];
  const names = new Map(Object.entries(enums[name]).map(([value, number]) => [number, value]));
  const read = (reader: WireReader) => {
    const number = reader.int32();
    return names.get(number) ?? number;
  };
  const write = (writer: WireWriter, value: string | number) => {
    const number = typeof value === 'number' ? value : numbers[value];
    if (number === undefined) {
      throw new RangeError(`${name} has no value ${value}`);
    }
    return writer.int32(number);
  };
  return scalar(VARINT, names.get(0) ?? 0, read, write);
}

/** A message type of `proto/`. */
export class MessageType implements ValueType {
  readonly wireType = LENGTH;
  readonly initial = null;
  private static readonly known = new Map<string, MessageType>();
  private linked: readonly Field[] | undefined;
  private readonly byNumber = new Map<number, Field>();

  private constructor(private readonly descriptors: readonly FieldDescriptor[]) {}

  /**
   * @param name full name, for example `tensorflow.GraphDef`
   * @throws RangeError if no proto file declares it
   */
  static of(name: string): MessageType {
    let type = this.known.get(name);
    if (!type) {
      if (!Object.hasOwn(messages, name)) {
        throw new RangeError(`the proto files do not declare ${name}`);
      }
      type = new MessageType(messages[name]);
      this.known.set(name, type);
    }
    return type;
  }

  /** Returns the encoded message in parts. Large `bytes` are parts that share the memory of the value. */
  encode(message: Message): Buffer[] {
    return this.writeFields(new WireWriter(), message).finish();
  }

  /**
   * @returns the message with a value for every field that does not belong to a oneof
   * @throws RangeError if it is not valid
   */
  decode(bytes: Buffer): Message {
    return this.readFields(new WireReader(bytes), bytes.length, this.emptyMessage());
  }

  emptyMessage(): Message {
    const message: Message = {};
    for (const { name, initial } of this.fields) {
      if (initial !== undefined) {
        message[name] = initial();
      }
    }
    return message;
  }

  readonly read = (reader: WireReader, known?: unknown): Message => {
    const end = reader.enter();
    const message = this.readFields(reader, end, (known as Message | null) ?? this.emptyMessage());
    reader.leave(end);
    return message;
  };

  readonly write = (writer: WireWriter, value: unknown): WireWriter => {
    const { size } = writer;
    return this.writeFields(writer, value as Message).lengthSince(size);
  };

  /** In the order of their numbers. */
  private get fields(): readonly Field[] {
    if (!this.linked) {
      // Not in the constructor: message types refer to each other in circles.
      this.linked = this.descriptors.map(fieldOf);
      this.linked.forEach((field) => this.byNumber.set(field.number, field));
    }
    return this.linked;
  }

  private readFields(reader: WireReader, end: number, message: Message): Message {
    const { byNumber } = this;
    while (reader.position < end) {
      const tag = reader.tag();
      const field = byNumber.get(tag >>> 3);
      // A known field with another wire type counts as unknown, too.
      if (!field?.read(reader, wireTypeOf(tag), message)) {
        reader.skip(tag);
      }
    }
    return message;
  }

  private writeFields(writer: WireWriter, message: Message): WireWriter {
    const { fields } = this;
    for (let index = fields.length - 1; index >= 0; index -= 1) {
      const field = fields[index];
      const value = message[field.name];
      if (value !== undefined && value !== null) {
        field.write(writer, value);
      }
    }
    return writer;
  }
}

interface Field {
  readonly name: string;
  readonly number: number;
  /** Returns the value in a received message that does not contain the field. Absent for a field of a oneof. */
  readonly initial: (() => unknown) | undefined;
  /** @returns false, and reads nothing, if the field has no values of this wire type */
  readonly read: (reader: WireReader, wireType: WireType, message: Message) => boolean;
  readonly write: (writer: WireWriter, value: unknown) => void;
}

function fieldOf(descriptor: FieldDescriptor): Field {
  switch (descriptor.label) {
    case 'map':
      return mapField(descriptor);
    case 'repeated':
      return repeatedField(descriptor);
    default:
      return singularField(descriptor);
  }
}

function singularField({ name, number, type: typeName, oneof }: FieldDescriptor): Field {
  const type = valueType(typeName);
  return {
    name,
    number,
    initial: oneof === undefined ? () => type.initial : undefined,
    read: (reader, wireType, message) => {
      if (wireType !== type.wireType) {
        return false;
      }
      if (oneof !== undefined) {
        const other = message[oneof] as string | undefined;
        if (other !== undefined && other !== name) {
          // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- absent, as the types of messages say
          delete message[other];
        }
        message[oneof] = name;
      }
      message[name] = type.read(reader, message[name]);
      return true;
    },
    write: (writer, value) => {
      type.write(writer, value).tag(number, type.wireType);
    },
  };
}

function repeatedField({ name, number, type: typeName }: FieldDescriptor): Field {
  const type = valueType(typeName);
  // Numbers are written packed. Both forms are read, as protobuf requires.
  const packable = type.wireType !== LENGTH;
  return {
    name,
    number,
    initial: () => [],
    read: (reader, wireType, message) => {
      const values = message[name] as unknown[];
      if (wireType === type.wireType) {
        values.push(type.read(reader));
        return true;
      }
      if (!packable || wireType !== LENGTH) {
        return false;
      }
      const end = reader.enter();
      if (type === SCALARS.float) {
        const floats = reader.floats(end);
        // An array that has its length from the start is filled six times as fast as one that grows.
        const filled = new Array<number>(floats.length);
        for (let index = 0; index < floats.length; index += 1) {
          filled[index] = floats[index];
        }
        message[name] = values.length === 0 ? filled : values.concat(filled);
      }
      while (reader.position < end) {
        values.push(type.read(reader));
      }
      reader.leave(end);
      return true;
    },
    write: (writer, value) => {
      const values = value as ArrayLike<unknown>;
      if (values.length === 0) {
        return;
      }
      if (type === SCALARS.float && types.isFloat32Array(values)) {
        // Packed floats are little-endian, like memory on every supported platform.
        writer.bytes(values).tag(number, LENGTH);
        return;
      }
      const { size } = writer;
      for (let index = values.length - 1; index >= 0; index -= 1) {
        type.write(writer, values[index]);
        if (!packable) {
          writer.tag(number, LENGTH);
        }
      }
      if (packable) {
        writer.lengthSince(size).tag(number, LENGTH);
      }
    },
  };
}

/** A map is a list of messages with a key and a value. All keys are strings. */
function mapField({ name, number, type: typeName }: FieldDescriptor): Field {
  const type = valueType(typeName);
  const keyTag = (1 << 3) | LENGTH;
  const valueTag = (2 << 3) | type.wireType;
  return {
    name,
    number,
    // Keys come from others, and `__proto__` is one like any other.
    initial: () => Object.create(null) as Message,
    read: (reader, wireType, message) => {
      if (wireType !== LENGTH) {
        return false;
      }
      const end = reader.enter();
      let key = '';
      let value: unknown;
      while (reader.position < end) {
        const tag = reader.tag();
        if (tag === keyTag) {
          key = reader.string();
        } else if (tag === valueTag) {
          value = type.read(reader, value);
        } else {
          reader.skip(tag);
        }
      }
      reader.leave(end);
      (message[name] as Message)[key] =
        value ?? (type instanceof MessageType ? type.emptyMessage() : type.initial);
      return true;
    },
    write: (writer, value) => {
      for (const [key, each] of Object.entries(value as Message).reverse()) {
        const { size } = writer;
        type.write(writer, each).tag(2, type.wireType).string(key).tag(1, LENGTH);
        writer.lengthSince(size).tag(number, LENGTH);
      }
    },
  };
}
