import path from 'node:path';

import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor';

import type { FileDescriptor } from '../../lib/wire/proto/descriptor';
import { fullName, GOOGLE, PROTO_FOLDER } from './proto-root';

/**
 * Describes proto files by name, for reflection. The descriptors of proto-loader lack file names, imports and the packages of types, so
 * strict clients (protobuf for Python, C++ and Go) reject them.
 */
export function fileDescriptorsOf(root: protobuf.Root): Record<string, FileDescriptor> {
  const files = new Map<string, FileContent>();
  collect(root, files);
  return Object.fromEntries(
    [...files].map(([name, file]) => [
      name,
      { imports: [...file.imports].sort(), symbols: [...file.symbols], content: serialize(file) },
    ]),
  );
}

function serialize({ name, packageName, imports, messages, enums, services }: FileContent): string {
  const proto = {
    name,
    package: packageName,
    dependency: [...imports].sort(),
    messageType: messages,
    enumType: enums,
    service: services,
    syntax: 'proto3',
  };
  const { FileDescriptorProto } = descriptor;
  const bytes = FileDescriptorProto.encode(FileDescriptorProto.fromObject(proto)).finish();
  return Buffer.from(bytes).toString('base64');
}

function collect(namespace: protobuf.NamespaceBase, files: Map<string, FileContent>): void {
  for (const object of namespace.nestedArray) {
    if (object instanceof protobuf.Type) {
      const file = fileFor(object, files);
      file.messages.push(messageOf(object, file));
    } else if (object instanceof protobuf.Enum) {
      const file = fileFor(object, files);
      file.enums.push(enumOf(object, file));
    } else if (object instanceof protobuf.Service) {
      const file = fileFor(object, files);
      file.services.push(serviceOf(object, file));
    } else if (object instanceof protobuf.Namespace) {
      collect(object, files);
    }
  }
}

function fileFor(object: protobuf.ReflectionObject, files: Map<string, FileContent>): FileContent {
  const name = fileNameOf(object);
  let file = files.get(name);
  if (!file) {
    file = new FileContent(name, object.parent ? fullName(object.parent) : '');
    files.set(name, file);
  }
  return file;
}

/** Declarations of a file, in the structure of `google.protobuf.FileDescriptorProto`. */
class FileContent {
  readonly imports = new Set<string>();
  readonly symbols = new Set<string>();
  readonly messages: object[] = [];
  readonly enums: object[] = [];
  readonly services: object[] = [];

  constructor(
    readonly name: string,
    readonly packageName: string,
  ) {}

  /** Returns a type's name as descriptors require it: the full name with a leading dot. */
  reference(type: protobuf.ReflectionObject): string {
    const file = fileNameOf(type);
    if (file !== this.name) {
      this.imports.add(file);
    }
    return `.${fullName(type)}`;
  }
}

// Numbers of google.protobuf.FieldDescriptorProto.Type and Label.
const TYPES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ double: 1, float: 2, int64: 3, uint64: 4, int32: 5, fixed64: 6, fixed32: 7, bool: 8, string: 9 },
    ...{ bytes: 12, uint32: 13, sfixed32: 15, sfixed64: 16, sint32: 17, sint64: 18 },
  }),
);
const TYPE_MESSAGE = 11;
const TYPE_ENUM = 14;
const LABEL_OPTIONAL = 1;
const LABEL_REPEATED = 3;

function messageOf(type: protobuf.Type, file: FileContent): object {
  file.symbols.add(fullName(type));
  const { fieldsArray, nestedArray, oneofsArray } = type;
  for (const field of fieldsArray) {
    file.symbols.add(fullName(field));
  }
  const entries = fieldsArray.filter((field) => field instanceof protobuf.MapField);
  return {
    name: type.name,
    field: fieldsArray.map((field) => fieldOf(field, type, file)),
    oneofDecl: oneofsArray.map(({ name }) => ({ name })),
    nestedType: [
      ...nestedArray
        .filter((nested) => nested instanceof protobuf.Type)
        .map((nested) => messageOf(nested, file)),
      ...entries.map((field) => mapEntryOf(field, file)),
    ],
    enumType: nestedArray
      .filter((nested) => nested instanceof protobuf.Enum)
      .map((nested) => enumOf(nested, file)),
  };
}

function fieldOf(field: protobuf.Field, parent: protobuf.Type, file: FileContent): object {
  const common = { name: field.name, number: field.id, jsonName: jsonName(field.name) };
  if (field instanceof protobuf.MapField) {
    const typeName = `.${fullName(parent)}.${entryName(field)}`;
    return { ...common, label: LABEL_REPEATED, type: TYPE_MESSAGE, typeName };
  }
  return {
    ...common,
    label: field.repeated ? LABEL_REPEATED : LABEL_OPTIONAL,
    ...fieldType(field, file),
    ...(field.partOf && { oneofIndex: parent.oneofsArray.indexOf(field.partOf) }),
  };
}

function mapEntryOf(field: protobuf.MapField, file: FileContent): object {
  const key = { name: 'key', number: 1, label: LABEL_OPTIONAL, type: TYPES.get(field.keyType) };
  const value = { name: 'value', number: 2, label: LABEL_OPTIONAL, ...fieldType(field, file) };
  return { name: entryName(field), field: [key, value], options: { mapEntry: true } };
}

function fieldType({ type, resolvedType }: protobuf.FieldBase, file: FileContent): object {
  if (resolvedType) {
    return {
      type: resolvedType instanceof protobuf.Enum ? TYPE_ENUM : TYPE_MESSAGE,
      typeName: file.reference(resolvedType),
    };
  }
  return { type: TYPES.get(type) };
}

function enumOf(type: protobuf.Enum, file: FileContent): object {
  file.symbols.add(fullName(type));
  return {
    name: type.name,
    value: Object.entries(type.values).map(([name, number]) => ({ name, number })),
    ...(type.options?.allow_alias === true && { options: { allowAlias: true } }),
  };
}

function serviceOf(service: protobuf.Service, file: FileContent): object {
  file.symbols.add(fullName(service));
  return {
    name: service.name,
    method: service.methodsArray.map((method) => {
      file.symbols.add(fullName(method));
      const { resolvedRequestType, resolvedResponseType } = method;
      return {
        name: method.name,
        inputType: resolvedRequestType && file.reference(resolvedRequestType),
        outputType: resolvedResponseType && file.reference(resolvedResponseType),
        clientStreaming: method.requestStream ?? false,
        serverStreaming: method.responseStream ?? false,
      };
    }),
  };
}

/** Returns protoc's name for the message of a map entry: `SignatureDefEntry` for `signature_def`. */
function entryName({ name }: protobuf.MapField): string {
  const camel = jsonName(name);
  return `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Entry`;
}

function jsonName(name: string): string {
  return name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase());
}

function fileNameOf(object: protobuf.ReflectionObject): string {
  if (object.filename) {
    return path.relative(PROTO_FOLDER, object.filename).split(path.sep).join('/');
  }
  // protobufjs includes Google's types, but not the files that declare them.
  return `${GOOGLE}${object.name === 'Any' ? 'any' : 'wrappers'}.proto`;
}
