'use strict';
// Loaded with NODE_OPTIONS before the server's own code: makes the threads that run models fail as an engine might.
// The first number of a tensor says how: 666 ends the thread, 777 keeps it busy for ever.
const process = require('node:process');
const { isMainThread, parentPort } = require('node:worker_threads');

if (!isMainThread && parentPort) {
  parentPort.on('message', (message) => {
    const first = message.input?.data?.[0];
    if (first === 666) {
      process.exit(7);
    }
    for (;;) {
      if (first !== 777) {
        break;
      }
    }
  });
}
