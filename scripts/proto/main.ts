import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { descriptorsOf } from './descriptors';
import { fileDescriptorsOf } from './file-descriptors';
import { parseProtoFiles, PROTO_FILES, REFLECTED } from './proto-root';

const root = path.resolve(__dirname, '../..');

/**
 * Generates `lib/wire/proto/types` from `proto/`: the types of the messages, and descriptors for the codecs and for reflection.
 * With an argument, writes to that folder instead, which the test of the generated files uses.
 */
function main(): void {
  const folder = path.resolve(root, process.argv[2] ?? 'lib/wire/proto/types');
  rmSync(folder, { recursive: true, force: true });
  generateTypes(folder);
  const { enums, messages, services } = descriptorsOf(parseProtoFiles(PROTO_FILES));
  writeFileSync(
    path.join(folder, 'descriptors.ts'),
    [
      "import type { FieldDescriptor, MethodDescriptor } from '../descriptor';\n",
      constant('enums', 'Readonly<Record<string, Readonly<Record<string, number>>>>', enums),
      constant('messages', 'Readonly<Record<string, readonly FieldDescriptor[]>>', messages),
      constant('services', 'Readonly<Record<string, Readonly<Record<string, MethodDescriptor>>>>', services),
    ].join(''),
  );
  const files = fileDescriptorsOf(parseProtoFiles(REFLECTED, { keepCase: true }));
  writeFileSync(
    path.join(folder, 'file-descriptors.ts'),
    [
      "import type { FileDescriptor } from '../descriptor';\n",
      constant('files', 'Readonly<Record<string, FileDescriptor>>', files),
    ].join(''),
  );
}

/** With one entry per line, so that changes can be read. */
function constant(name: string, type: string, value: object): string {
  const entries = Object.entries(value).map(([key, entry]) => `  '${key}': ${JSON.stringify(entry)},\n`);
  return `\nexport const ${name}: ${type} = {\n${entries.join('')}};\n`;
}

function generateTypes(folder: string): void {
  execFileSync(
    process.execPath,
    [
      path.join(root, 'node_modules/@grpc/proto-loader/build/bin/proto-loader-gen-types.js'),
      ...['--longs=Number', '--enums=String', '--defaults', '--oneofs', '--grpcLib=@grpc/grpc-js'],
      '--includeDirs=proto', // relative: the generated files name it
      `--outDir=${folder}`,
      ...PROTO_FILES.toSorted(),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], cwd: root },
  );
  // The generator writes types for grpc-js and its clients. The project has its own, so users need no gRPC library.
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && entry.parentPath === folder) {
      rmSync(file);
    } else if (entry.isFile()) {
      const definition = path.relative(entry.parentPath, path.join(folder, '../method-definition'));
      writeFileSync(file, withOwnTypes(readFileSync(file, 'utf8'), definition.replaceAll('\\', '/')));
    }
  }
}

/** Returns the text of a generated file without the types of grpc-js, and with the types of values that the codecs encode. */
function withOwnTypes(text: string, definition: string): string {
  return text
    .replace(/^import type \* as grpc from .*\n/m, '')
    .replace(/^import type \{ (Long|AnyExtension) \} from .*\n/gm, '')
    .replace(/^(import type \{ MethodDefinition \} from) .*$/m, `$1 '${definition}'`)
    .replace(
      /^export interface \w+ extends grpc\.(Client|UntypedServiceImplementation) \{\n[^}]*\}\n\n/gm,
      '',
    )
    .replaceAll(' extends grpc.ServiceDefinition', '')
    .replaceAll('AnyExtension | ', '')
    .replaceAll('Buffer | Uint8Array | string', 'Uint8Array')
    .replaceAll(/\(number \| string( \| Long)?\)\[\]/g, 'ArrayLike<number>')
    .replaceAll(/number \| string( \| Long)?/g, 'number');
}

main();
