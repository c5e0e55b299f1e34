import protobuf from 'protobufjs';

import type { FieldDescriptor, MethodDescriptor } from '../../lib/wire/proto/descriptor';
import { fullName } from './proto-root';

/** What proto files declare, by full name. */
export interface Descriptors {
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly messages: Readonly<Record<string, readonly FieldDescriptor[]>>;
  readonly services: Readonly<Record<string, Readonly<Record<string, MethodDescriptor>>>>;
}

/** Describes what the codecs need. Of the types that protobufjs includes, it describes those that are used. */
export function descriptorsOf(root: protobuf.Root): Descriptors {
  const declared = objectsOf(root);
  const used = new Set<protobuf.ReflectionObject | null>(
    declared
      .filter((object) => object instanceof protobuf.Type)
      .flatMap(({ fieldsArray }) => fieldsArray.map(({ resolvedType }) => resolvedType)),
  );
  const described = declared.filter((object) => object.filename !== null || used.has(object));
  const enums = described.filter((object) => object instanceof protobuf.Enum);
  const messages = described.filter((object) => object instanceof protobuf.Type);
  const services = described.filter((object) => object instanceof protobuf.Service);
  return {
    enums: byName(enums, ({ values }) => values),
    messages: byName(messages, ({ fieldsArray }) =>
      fieldsArray.toSorted((one, other) => one.id - other.id).map(fieldOf),
    ),
    services: byName(services, ({ methodsArray }) =>
      Object.fromEntries(methodsArray.map((method) => [method.name, methodOf(method)])),
    ),
  };
}

function objectsOf(namespace: protobuf.NamespaceBase): protobuf.ReflectionObject[] {
  return namespace.nestedArray.flatMap((object) =>
    object instanceof protobuf.Namespace ? [object, ...objectsOf(object)] : [object],
  );
}

function byName<Declared extends protobuf.ReflectionObject, Description>(
  declared: readonly Declared[],
  describe: (object: Declared) => Description,
): Record<string, Description> {
  return Object.fromEntries(declared.map((object) => [fullName(object), describe(object)]));
}

function fieldOf(field: protobuf.Field): FieldDescriptor {
  const { name, id, type, resolvedType, partOf } = field;
  if (field instanceof protobuf.MapField && field.keyType !== 'string') {
    throw new Error(`${field.fullName} has keys of type ${field.keyType}, expected string`);
  }
  return {
    name,
    number: id,
    type: resolvedType ? fullName(resolvedType) : type,
    ...(field.repeated && { label: 'repeated' }),
    ...(field instanceof protobuf.MapField && { label: 'map' }),
    ...(partOf && { oneof: partOf.name }),
  };
}

function methodOf(method: protobuf.Method): MethodDescriptor {
  const { requestStream, responseStream, resolvedRequestType, resolvedResponseType } = method;
  if (!resolvedRequestType || !resolvedResponseType) {
    throw new Error(`the messages of ${method.fullName} are not declared`);
  }
  return {
    request: fullName(resolvedRequestType),
    response: fullName(resolvedResponseType),
    ...(requestStream && { requestStream }),
    ...(responseStream && { responseStream }),
  };
}
