import path from 'node:path';

import protobuf from 'protobufjs';

/** Folder of the proto files. */
export const PROTO_FOLDER = path.resolve(__dirname, '../../proto');

export const GOOGLE = 'google/protobuf/';

/**
 * Parses proto files and those that they import.
 * @param files paths relative to `proto/`
 */
export function parseProtoFiles(files: readonly string[], options: protobuf.IParseOptions): protobuf.Root {
  const root = new protobuf.Root();
  // protobufjs includes the content of Google's files.
  root.resolvePath = (_, target) => (target.startsWith(GOOGLE) ? target : path.join(PROTO_FOLDER, target));
  root.loadSync([...files], options).resolveAll();
  return root;
}

/** Returns a full name without the leading dot. */
export function fullName(object: protobuf.ReflectionObject): string {
  return object.fullName.replace(/^\./, '');
}
