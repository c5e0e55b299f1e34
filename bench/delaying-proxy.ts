import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that delays every byte in both directions, to simulate a network with a round-trip time. */
export interface DelayingProxy {
  readonly port: number;
  close(): void;
}

/** @param oneWayMs half of the round-trip time, in milliseconds */
export async function startDelayingProxy(target: number, oneWayMs: number): Promise<DelayingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => setTimeout(() => to.write(chunk), oneWayMs));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}
