import path from 'node:path';

import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor';

import { protoRoot } from './load';

/**
 * The files of `proto/` as compiled descriptors, which reflection sends to clients without proto files. The descriptors
 * of proto-loader lack file names, imports and the packages of types, so strict clients (protobuf for Python, C++ and
 * Go) reject them.
 */
export class FileDescriptors {
  private readonly files = new Map<string, FileContent>();

  /** @param files paths relative to `proto/`; imported files are included */
  constructor(files: readonly string[]) {
    const root = new protobuf.Root();
    // protobufjs includes the content of Google's files.
    root.resolvePath = (_, target) => (target.startsWith(GOOGLE) ? target : path.join(protoRoot, target));
    root.loadSync([...files], { keepCase: true }).resolveAll();
    this.collect(root);
  }

  /** Returns whether a file with this import path exists. */
  has(name: string): boolean {
    return this.files.has(name);
  }

  /** Returns the file that declares the service, method, message, enum or field with this full name. */
  fileOf(symbol: string): string | undefined {
    return [...this.files].find(([, { symbols }]) => symbols.has(symbol))?.[0];
  }

  /** Returns a file followed by its dependencies, each as a serialized `google.protobuf.FileDescriptorProto`. */
  withImports(name: string): Uint8Array[] {
    const needed = new Set([name]);
    for (const file of needed) {
      for (const imported of this.files.get(file)?.imports ?? []) {
        needed.add(imported);
      }
    }
    return [...needed].map((file) => this.serialize(file));
  }

  private serialize(name: string): Uint8Array {
    const { packageName, imports, messages, enums, services } = this.require(name);
    const proto = {
      name,
      package: packageName,
      dependency: [...imports].sort(),
      messageType: messages,
      enumType: enums,
      service: services,
      syntax: 'proto3',
    };
    return descriptor.FileDescriptorProto.encode(descriptor.FileDescriptorProto.fromObject(proto)).finish();
  }

  private collect(namespace: protobuf.NamespaceBase): void {
    for (const object of namespace.nestedArray) {
      if (object instanceof protobuf.Type) {
        const file = this.fileFor(object);
        file.messages.push(messageOf(object, file));
      } else if (object instanceof protobuf.Enum) {
        const file = this.fileFor(object);
        file.enums.push(enumOf(object, file));
      } else if (object instanceof protobuf.Service) {
        const file = this.fileFor(object);
        file.services.push(serviceOf(object, file));
      } else if (object instanceof protobuf.Namespace) {
        this.collect(object);
      }
    }
  }

  private fileFor(object: protobuf.ReflectionObject): FileContent {
    const name = fileNameOf(object);
    let file = this.files.get(name);
    if (!file) {
      const packageName = object.parent ? fullName(object.parent) : '';
      file = new FileContent(name, packageName);
      this.files.set(name, file);
    }
    return file;
  }

  private require(name: string): FileContent {
    const file = this.files.get(name);
    if (!file) {
      throw new RangeError(`unknown proto file ${name}`);
    }
    return file;
  }
}

const GOOGLE = 'google/protobuf/';

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

function fullName(object: protobuf.ReflectionObject): string {
  return object.fullName.replace(/^\./, '');
}

function fileNameOf(object: protobuf.ReflectionObject): string {
  if (object.filename) {
    return path.relative(protoRoot, object.filename).split(path.sep).join('/');
  }
  // protobufjs includes Google's types, but not the files that declare them.
  return `${GOOGLE}${object.name === 'Any' ? 'any' : 'wrappers'}.proto`;
}
