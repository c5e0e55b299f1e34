import type { FileDescriptor } from './descriptor';

/** Loaded on first use: reflection is off by default. */
function protoFiles(): Readonly<Record<string, FileDescriptor>> {
  const { files } = require('./types/file-descriptors') as typeof import('./types/file-descriptors');
  return files;
}

/** Returns whether a proto file with this import path exists. */
export function isProtoFile(name: string): boolean {
  return Object.hasOwn(protoFiles(), name);
}

/** Returns the proto file that declares the service, method, message, field or enum with this full name. */
export function protoFileOf(symbol: string): string | undefined {
  const files = protoFiles();
  return Object.keys(files).find((name) => files[name].symbols.includes(symbol));
}

/** Returns a proto file followed by its dependencies, each as a serialized `google.protobuf.FileDescriptorProto`. */
export function withImports(name: string): Buffer[] {
  const files = protoFiles();
  const needed = new Set([name]);
  for (const file of needed) {
    for (const imported of files[file].imports) {
      needed.add(imported);
    }
  }
  return [...needed].map((file) => Buffer.from(files[file].content, 'base64'));
}
