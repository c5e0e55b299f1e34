'use strict';
// Runs a graph in onnxruntime and in TensorFlow.js. A thread of its own: Jest's globals are not those of native modules.
const path = require('node:path');
const { parentPort } = require('node:worker_threads');

const lib = path.resolve(__dirname, '../../../../dist/lib');
const { loadGraphEngine } = require(path.join(lib, 'server/pipeline/engine/graph-engine.js'));
const { loadLayersEngine } = require(path.join(lib, 'server/pipeline/engine/layers-engine.js'));
const { loadTfjsGraphEngine } = require(path.join(lib, 'server/pipeline/engine/tfjs-graph-engine.js'));
const { decodeGraphDef } = require(path.join(lib, 'tensorflow/graph-def/decode-graph-def.js'));
const { prepareGraph } = require(path.join(lib, 'tensorflow/graph-def/prepare-graph.js'));

async function answer(engine, shape, data) {
  try {
    return await engine.run({ shape, data: data.slice() });
  } finally {
    await engine.close();
  }
}

/** Runs a layers model in onnxruntime. */
async function runLayers({ files, input, output, shape, data }) {
  const stage = { engine: 'keras', stage: 'model', path: 'model.json', input, output };
  const engine = await loadLayersEngine(stage, files.get('model.json'), files, 1);
  return { onnx: await answer(engine, shape, data), fallback: engine.fallback };
}

async function compare({ file, shape, data, withTfjs }) {
  const stage = { engine: 'tensorflow', stage: 'model', path: 'model.pb', input: 'x:0', output: 'y:0' };
  const engine = await loadGraphEngine(stage, file, 1);
  const onnx = await answer(engine, shape, data);
  const tfjs = withTfjs
    ? await answer(
        await loadTfjsGraphEngine(stage, prepareGraph(decodeGraphDef(file), 'x:0', ['y:0'])),
        shape,
        data,
      )
    : undefined;
  return { onnx, tfjs, fallback: engine.fallback };
}

parentPort.on('message', (message) => {
  if (message === 'close') {
    parentPort.close();
    return;
  }
  (message.files ? runLayers(message) : compare(message)).then(
    (result) => parentPort.postMessage(result),
    (error) => parentPort.postMessage({ error: String(error) }),
  );
});
