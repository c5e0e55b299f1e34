import type { JsonObject } from './json';

/** Where the API servers of simulated AKS clusters run. */
export interface ClusterHost {
  /** Starts the API server of a new cluster. */
  start(clusterId: string): void;
  /** Stops it, with all that is in it. */
  stop(clusterId: string): void;
  /** Creates the service of Azure ML's inference router, which its extension brings, and waits for its address. */
  installInferenceRouter(clusterId: string): Promise<void>;
  removeInferenceRouter(clusterId: string): void;
  /** An administrator's kubeconfig, once the API server is ready. */
  kubeconfig(clusterId: string): Promise<JsonObject>;
}

/** Clusters without API servers, for stacks whose Kubernetes resources are left out. */
export const noClusterHost: ClusterHost = {
  start: () => undefined,
  stop: () => undefined,
  installInferenceRouter: () => Promise.resolve(),
  removeInferenceRouter: () => undefined,
  kubeconfig: (clusterId) => {
    const encoded = Buffer.from('there is no API server').toString('base64');
    return Promise.resolve({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'simulated',
      clusters: [
        {
          name: 'simulated',
          cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': encoded },
        },
      ],
      contexts: [{ name: 'simulated', context: { cluster: 'simulated', user: clusterId } }],
      users: [
        {
          name: clusterId,
          user: { 'client-certificate-data': encoded, 'client-key-data': encoded, token: 'none' },
        },
      ],
    });
  },
};
