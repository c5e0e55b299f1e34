// Writes lib/proto/types from proto/, with the settings that lib/proto/load.ts decodes with.
// With an argument, writes to that folder instead (the test that the types are current does so).
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const outDir = path.resolve(root, process.argv[2] ?? 'lib/proto/types');
// The files that others need not import: all that they import is generated with them.
const entries = [
  'grpc/health/v1/health.proto',
  'grpc/reflection/v1/reflection.proto',
  'inference/grpc_predict_v2.proto',
  'onnx/onnx.proto',
  'tensorflow/core/framework/graph.proto',
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
    ...entries,
  ],
  { stdio: ['ignore', 'ignore', 'inherit'], cwd: root },
);
