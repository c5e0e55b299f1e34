import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A port that answers nobody, as one behind a firewall that drops packets. */
export interface FilteredPort {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 and never accepts: its thread stands still. Once its queue is full, the system drops
 * whoever knocks, which needs no privilege and no network beyond this machine.
 */
export async function filteredPort(): Promise<FilteredPort> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer();
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  const sockets: Socket[] = [];
  while (await isAnswered(port, sockets)) {
    // Each attempt fills the backlog further.
  }
  return {
    port,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await worker.terminate();
    },
  };
}

/** Whether the queue had room; connections of this machine with itself are made at once, or not at all. */
function isAnswered(port: number, sockets: Socket[]): Promise<boolean> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  sockets.push(socket);
  return new Promise((resolve) => {
    socket.once('connect', () => {
      resolve(true);
    });
    setTimeout(() => {
      resolve(false);
    }, 500);
  });
}
