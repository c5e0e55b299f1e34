'use strict';
// A worker of the pool's protocol without models. The first number of a tensor says what happens:
// -1 the thread ends, -2 it waits until the gate opens, -3 it runs for ever, all others come back doubled. Of images, the sums
// of their bytes come back.
const process = require('node:process');
const { parentPort, workerData } = require('node:worker_threads');

const gate = new Int32Array(workerData.gate);
// The first number: may a worker start; the second: is the gate open; the third: how many have waited.
const [MAY_START, OPEN, ARRIVED] = [0, 1, 2];

if (Atomics.load(gate, MAY_START) === 0) {
  throw new Error('may not start');
}

parentPort.on('message', (message) => {
  if (message.type === 'close') {
    parentPort.close();
    return;
  }
  if (message.input.images !== undefined) {
    const sums = message.input.images.map((image) => image.reduce((sum, byte) => sum + byte, 0));
    const tensor = { shape: [sums.length], data: Float32Array.from(sums) };
    parentPort.postMessage({ type: 'done', tensor, runs: [] });
    return;
  }
  const { shape, data } = message.input;
  if (data[0] === -1) {
    process.exit(7);
  }
  if (data[0] === -2) {
    Atomics.add(gate, ARRIVED, 1);
    Atomics.wait(gate, OPEN, 0);
  }
  for (;;) {
    if (data[0] !== -3) {
      break;
    }
  }
  parentPort.postMessage({ type: 'done', tensor: { shape, data: data.map((value) => value * 2) }, runs: [] });
});
parentPort.postMessage({ type: 'ready', report: 'ready' });
