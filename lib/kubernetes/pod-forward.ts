import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { REVISION_LABEL } from '../contract/kubernetes-labels';
import { describeCallError, type ClusterClient, type V1Pod } from './cluster-client';
import { KubernetesError } from './kubernetes-error';
import { podProblem } from './pod-problem';

/** Pods of a revision, and their port. */
export interface PodsOfRevision {
  readonly namespace: string;
  readonly revision: string;
  /** Port of the scoring server in the pod. */
  readonly port: number;
}

/**
 * Forwards a port on the loopback to the pods of a revision, through the API server: whoever can deploy to the cluster can
 * test pods that no Service exposes. Each connection reaches the next pod.
 */
export class PodForward {
  /** @throws KubernetesError NO_READY_POD */
  static async open(client: ClusterClient, pods: PodsOfRevision): Promise<PodForward> {
    const { namespace, revision } = pods;
    const { items } = await client.core.listNamespacedPod({
      namespace,
      labelSelector: `${REVISION_LABEL}=${revision}`,
    });
    const ready = items
      .filter((pod: V1Pod) => pod.metadata?.deletionTimestamp === undefined && podProblem(pod) === undefined)
      .map(({ metadata }) => metadata?.name ?? '');
    if (ready.length === 0) {
      throw new KubernetesError(
        'NO_READY_POD',
        `no pod of revision ${revision} in the namespace ${namespace} is ready; expected at least one to test`,
        { remedy: `deploy again; see why with: kubectl get pods --namespace ${namespace}` },
      );
    }
    const forward = new PodForward(client, pods, ready);
    forward.server.listen(0, '127.0.0.1');
    await once(forward.server, 'listening');
    return forward;
  }

  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private next = 0;
  /** Why the last connection failed. @default - none did */
  private failure: string | undefined;

  private constructor(
    client: ClusterClient,
    { namespace, port }: PodsOfRevision,
    readonly pods: readonly string[],
  ) {
    const forward = new client.library.PortForward(client.config);
    this.server = createServer((socket) => {
      const pod = pods[this.next++ % pods.length];
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
      forward.portForward(namespace, pod, [port], socket, null, socket).then(
        (connection) => {
          const webSocket = typeof connection === 'function' ? connection() : connection;
          webSocket?.on('close', () => socket.destroy());
          socket.on('close', () => webSocket?.close());
        },
        (error: unknown) => {
          this.failure = `${pod}: ${describeCallError(error)}`;
          socket.destroy();
        },
      );
    });
  }

  /** Port on 127.0.0.1. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Why a connection was not forwarded, for the message of a caller that was cut off. */
  get problem(): string | undefined {
    return this.failure;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }
}
