'use strict';
// Starts a run in ONNX Runtime that takes longer than it may.
// Arguments: a service definition that computes determinants; how the process ends: `exit` while it computes, or `close`.
const path = require('node:path');
const process = require('node:process');

const lib = path.resolve(__dirname, '../../../../dist/lib');
const { Pipeline } = require(path.join(lib, 'server/pipeline'));
const { readServiceDefinition } = require(path.join(lib, 'service-definition/zip-reader.js'));

const [file, end] = process.argv.slice(2);

function score(pipeline, size) {
  const data = new Float32Array(size * size).map((_, index) => (index % (size + 1) === 0 ? 1 : 0.001));
  return pipeline.score({ kind: 'tensor', tensor: { shape: [1, size, size], data } });
}

async function main() {
  const pipeline = await Pipeline.load(await readServiceDefinition(file), { workers: 1, maxRunMs: 50 });
  const outcome = await score(pipeline, 1500).catch((error) => error.code);
  process.stdout.write(`${outcome}\n`);
  if (end === 'exit') {
    process.exit(0);
  }
  // The process ends once its threads have ended.
  await pipeline.close();
}

void main();
