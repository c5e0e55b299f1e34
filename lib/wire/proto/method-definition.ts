/** A method of a gRPC service with its codecs, in the form that gRPC libraries for Node.js use, too. */
export interface MethodDefinition<
  Request extends object,
  Response extends object,
  RequestOutput extends object = Request,
  ResponseOutput extends object = Response,
> {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (request: Request) => Buffer;
  /** Like `requestSerialize`, but large fields are not copied: their memory must not change until the call has ended. */
  readonly requestParts: (request: Request) => readonly Buffer[];
  readonly requestDeserialize: (bytes: Buffer) => RequestOutput;
  readonly responseSerialize: (response: Response) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => ResponseOutput;
}

/** Methods of a gRPC service by name. */
export type ServiceDefinition = Readonly<Record<string, MethodDefinition<object, object>>>;

/** Returns the size of a message in parts, in bytes. */
export function sizeOf(parts: readonly Buffer[]): number {
  return parts.reduce((size, { length }) => size + length, 0);
}
