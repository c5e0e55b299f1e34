import net, { type AddressInfo, type Socket } from 'node:net';

import { afterwards } from './cleanup';

/** A load balancer of connections, as a Kubernetes Service is one: each goes to the next server in turn. */
export class TcpBalancer {
  /** Connections that have been accepted so far. */
  accepted = 0;
  private readonly targets: number[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server = net.createServer((caller) => {
    const port = this.targets[this.accepted++ % this.targets.length];
    const target = net.connect(port, '127.0.0.1');
    this.join(caller, target);
    this.join(target, caller);
  });

  /** Starts a balancer that stops when the test ends. */
  static async start(...targets: number[]): Promise<TcpBalancer> {
    const balancer = new TcpBalancer();
    balancer.targets.push(...targets);
    await new Promise<void>((resolve) => balancer.server.listen(0, '127.0.0.1', resolve));
    afterwards(() => {
      balancer.close();
    });
    return balancer;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Gives new connections to this server, too. */
  add(port: number): void {
    this.targets.push(port);
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => this.sockets.delete(from));
    from.pipe(to);
  }

  private close(): void {
    this.server.close();
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }
}
