import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import type { ClusterClient } from './cluster-client';
import { KubernetesError } from './kubernetes-error';
import { podProblem } from './pod-problem';

/** Pods of a revision, and their port. */
export interface PodsOfRevision {
  readonly namespace: string;
  readonly revision: string;
  /** Port of the scoring server in the pod. */
  readonly port: number;
}

/** The WebSocket of a connection, whose types the client library does not bring. */
interface ForwardedConnection {
  on(event: 'close', listener: () => void): void;
  close(): void;
}

/** A pod that is ready. */
export interface ReadyPod {
  readonly name: string;
  /** IP address in the cluster. */
  readonly address: string;
}

/**
 * Returns the pods of a revision that are ready.
 * @throws KubernetesError NO_READY_POD
 */
export async function readyPods(
  client: ClusterClient,
  { namespace, revision }: PodsOfRevision,
): Promise<readonly ReadyPod[]> {
  const pods = await client.podsOf(namespace, revision);
  const ready = pods
    .filter((pod) => pod.metadata?.deletionTimestamp === undefined && podProblem(pod) === undefined)
    .map(({ metadata, status }) => ({ name: metadata?.name ?? '', address: status?.podIP ?? '' }));
  if (ready.length === 0) {
    throw new KubernetesError(
      'NO_READY_POD',
      `no pod of revision ${revision} in the namespace ${namespace} is ready; expected at least one to test`,
      { remedy: `deploy again; see why with: kubectl get pods --namespace ${namespace}` },
    );
  }
  return ready;
}

/**
 * Forwards a port on the loopback to the pods of a revision, through the API server: whoever can deploy to the cluster can
 * test pods that no Service exposes. Each connection reaches the next pod.
 */
export class PodForward {
  /** @param pods at least one */
  static async open(
    client: ClusterClient,
    { namespace, port }: PodsOfRevision,
    pods: readonly ReadyPod[],
  ): Promise<PodForward> {
    const forward = new PodForward(
      client,
      namespace,
      port,
      pods.map(({ name }) => name),
    );
    forward.server.listen(0, '127.0.0.1');
    await once(forward.server, 'listening');
    return forward;
  }

  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private next = 0;

  private constructor(client: ClusterClient, namespace: string, port: number, pods: readonly string[]) {
    const forward = new client.library.PortForward(client.config);
    this.server = createServer((socket) => {
      const pod = pods[this.next++ % pods.length];
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
      forward.portForward(namespace, pod, [port], socket, null, socket).then(
        (connection) => {
          const webSocket = connection as ForwardedConnection;
          webSocket.on('close', () => socket.destroy());
          socket.on('close', () => {
            webSocket.close();
          });
        },
        () => {
          socket.destroy();
        },
      );
    });
  }

  /** Port on 127.0.0.1. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }
}
