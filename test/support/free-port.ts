import net from 'node:net';

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  const port = await listenOn(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Listens on a port of 127.0.0.1. @returns the port, which differs from the one asked for when that is 0 */
export async function listenOn(server: net.Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as net.AddressInfo).port;
}
