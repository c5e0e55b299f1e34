// Generates lib/wire/proto/types from proto/: the types of the messages, with the settings of lib/wire/proto/load.ts, and
// descriptors.ts, the proto files in the format that load.ts reads.
// With an argument, writes to that folder instead, which the test of the generated types uses.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import protobuf from 'protobufjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const outDir = path.resolve(root, process.argv[2] ?? 'lib/wire/proto/types');
// Entry files. The files that they import are generated, too.
const ENTRIES = [
  'grpc/health/v1/health.proto',
  'grpc/reflection/v1/reflection.proto',
  'inference/grpc_predict_v2.proto',
  'onnx/onnx.proto',
  'tensorflow/core/protobuf/saved_model.proto',
  'tensorflow/core/protobuf/tensor_bundle.proto',
  'tensorflow_serving/apis/model_service.proto',
  'tensorflow_serving/apis/prediction_service.proto',
];

rmSync(outDir, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [
    path.join(root, 'node_modules/@grpc/proto-loader/build/bin/proto-loader-gen-types.js'),
    ...['--longs=Number', '--enums=String', '--defaults', '--oneofs', '--grpcLib=@grpc/grpc-js'],
    '--includeDirs=proto', // relative: the generated files name it
    `--outDir=${outDir}`,
    ...ENTRIES,
  ],
  { stdio: ['ignore', 'ignore', 'inherit'], cwd: root },
);

// The generator writes types for grpc-js and its clients. The project has its own, so users need no gRPC library.
for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
  const file = path.join(entry.parentPath, entry.name);
  if (entry.isFile() && entry.parentPath === outDir) {
    rmSync(file);
  } else if (entry.isFile()) {
    const definition = path.relative(entry.parentPath, path.join(outDir, '../method-definition'));
    writeFileSync(file, withOwnTypes(readFileSync(file, 'utf8'), definition.replaceAll('\\', '/')));
  }
}

const descriptors = ENTRIES.map((entry) => {
  const proto = new protobuf.Root();
  // protobufjs includes the content of Google's files.
  proto.resolvePath = (_, target) =>
    target.startsWith('google/protobuf/') ? target : path.join(root, 'proto', target);
  proto.loadSync(entry).resolveAll();
  return { symbols: symbolsOf(proto), json: JSON.stringify(proto.toJSON()) };
});
writeFileSync(
  path.join(outDir, 'descriptors.ts'),
  `/** Each entry file of proto/ with all that it imports: what it declares, and protobufjs's JSON of it. */
export const descriptors: readonly { readonly symbols: readonly string[]; readonly json: string }[] = [
${descriptors.map(({ symbols, json }) => `  { symbols: ${JSON.stringify(symbols)}, json: '${json}' },\n`).join('')}];
`,
);

/** Returns the full names of the services and of the top-level messages. */
function symbolsOf(namespace) {
  return namespace.nestedArray.flatMap((each) => {
    if (each instanceof protobuf.Type || each instanceof protobuf.Service) {
      return [each.fullName.slice(1)];
    }
    return each instanceof protobuf.Namespace ? symbolsOf(each) : [];
  });
}

/** Returns the text of a generated file without the types of grpc-js. */
function withOwnTypes(text, definition) {
  return text
    .replace(/^import type \* as grpc from .*\n/m, '')
    .replace(/^import type \{ (Long|AnyExtension) \} from .*\n/gm, '')
    .replace(/^(import type \{ MethodDefinition \} from) .*$/m, `$1 '${definition}'`)
    .replace(
      /^export interface \w+ extends grpc\.(Client|UntypedServiceImplementation) \{\n[^}]*\}\n\n/gm,
      '',
    )
    .replaceAll(' extends grpc.ServiceDefinition', '')
    .replaceAll(' | Long', '')
    .replaceAll('AnyExtension | ', '');
}
