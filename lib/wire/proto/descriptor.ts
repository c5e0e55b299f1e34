/** A field of a message, as `scripts/proto` generates it from a proto file. */
export interface FieldDescriptor {
  /** In camelCase. */
  readonly name: string;
  readonly number: number;
  /** A scalar type, or the full name of a message or an enum. For a map, the type of its values; its keys are strings. */
  readonly type: string;
  readonly label?: 'repeated' | 'map' | undefined;
  /** Name of the oneof that the field belongs to. */
  readonly oneof?: string | undefined;
}

/** A method of a service. Requests and responses are given by the full names of their messages. */
export interface MethodDescriptor {
  readonly request: string;
  readonly response: string;
  readonly requestStream?: boolean | undefined;
  readonly responseStream?: boolean | undefined;
}

/** A proto file, for clients that load it through server reflection. */
export interface FileDescriptor {
  readonly imports: readonly string[];
  /** Full names of what it declares: services, methods, messages, fields and enums. */
  readonly symbols: readonly string[];
  /** Serialized `google.protobuf.FileDescriptorProto`, in Base64. */
  readonly content: string;
}
