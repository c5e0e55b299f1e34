import type { JsonObject } from '../../azure/simulator/json';
import type { KubernetesConnection } from './kubernetes-client';

/** A kubeconfig, which is YAML and therefore may be JSON. */
export function kubeconfig({ port, root, certificate, privateKey }: KubernetesConnection): JsonObject {
  const encode = (text: string) => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'cluster',
    clusters: [
      {
        name: 'cluster',
        cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': encode(root) },
      },
    ],
    contexts: [{ name: 'cluster', context: { cluster: 'cluster', user: 'user' } }],
    users: [
      {
        name: 'user',
        user: {
          'client-certificate-data': encode(certificate),
          'client-key-data': encode(privateKey),
        },
      },
    ],
  };
}
