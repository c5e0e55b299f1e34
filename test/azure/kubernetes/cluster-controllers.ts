import { setTimeout as delay } from 'node:timers/promises';

import { objectOf, objectsOf, textOf, type Json, type JsonObject } from '../simulator/json';
import type { KubernetesClient } from '../../kubernetes/cluster/kubernetes-client';

const INTERVAL_MS = 200;
const ROUTER = '/api/v1/namespaces/azureml/services/azureml-fe';

/** Where the objects are that a namespace may hold here. */
const NAMESPACED = [
  '/api/v1/{}/configmaps',
  '/api/v1/{}/secrets',
  '/api/v1/{}/services',
  '/apis/apps/v1/{}/deployments',
  '/apis/apps/v1/{}/daemonsets',
  '/apis/autoscaling/v2/{}/horizontalpodautoscalers',
  '/apis/networking.k8s.io/v1/{}/networkpolicies',
  '/apis/policy/v1/{}/poddisruptionbudgets',
];

/**
 * Stands in for the nodes, the controllers and the load balancer of a cluster that has an API server alone: reports
 * deployments and daemon sets as ready and services as reachable, and completes deletions.
 */
export class ClusterControllers {
  static start(client: KubernetesClient): ClusterControllers {
    return new ClusterControllers(client);
  }

  private stopped = false;
  private readonly ended: Promise<void>;

  private constructor(private readonly client: KubernetesClient) {
    this.ended = this.run();
  }

  /** Azure ML's extension is complete once its inference router has an address. */
  async installInferenceRouter(): Promise<void> {
    const service = {
      metadata: { namespace: 'azureml', name: 'azureml-fe' },
      spec: { type: 'LoadBalancer', ports: [{ port: 443 }] },
    };
    await this.client.call('POST', '/api/v1/namespaces', { metadata: { name: 'azureml' } });
    await this.client.call('POST', '/api/v1/namespaces/azureml/services', service);
    await this.reportAddress(service);
  }

  async removeInferenceRouter(): Promise<void> {
    await this.client.call('DELETE', ROUTER);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      // The API server may end at any time: then it is stopped, too.
      await this.reconcile().catch(() => undefined);
      await delay(INTERVAL_MS);
    }
  }

  private async reconcile(): Promise<void> {
    for (const deployment of await this.list('/apis/apps/v1/deployments')) {
      await this.finishDeletion(deployment, pathOf('/apis/apps/v1', 'deployments', deployment));
      await this.report(deployment, '/apis/apps/v1', 'deployments', deploymentStatus(deployment));
    }
    for (const daemonSet of await this.list('/apis/apps/v1/daemonsets')) {
      await this.finishDeletion(daemonSet, pathOf('/apis/apps/v1', 'daemonsets', daemonSet));
      await this.report(daemonSet, '/apis/apps/v1', 'daemonsets', DAEMON_SET_STATUS);
    }
    for (const service of await this.list('/api/v1/services')) {
      const { ingress } = objectOf(objectOf(service.status).loadBalancer);
      if (objectOf(service.spec).type === 'LoadBalancer' && ingress === undefined) {
        await this.reportAddress(service);
      }
    }
    for (const namespace of await this.list('/api/v1/namespaces')) {
      await this.finishNamespace(namespace);
    }
  }

  private async list(path: string): Promise<JsonObject[]> {
    return objectsOf((await this.client.call('GET', path)).body.items);
  }

  private async report(object: JsonObject, api: string, plural: string, status: JsonObject): Promise<void> {
    const { generation } = objectOf(object.metadata);
    if (objectOf(object.status).observedGeneration !== generation) {
      await this.client.call('PATCH', `${pathOf(api, plural, object)}/status`, {
        status: { observedGeneration: generation, ...status },
      });
    }
  }

  /** As the garbage collector does, once what the object owns is gone: here it owns nothing. */
  private async finishDeletion(object: JsonObject, path: string): Promise<void> {
    const { deletionTimestamp, finalizers } = objectOf(object.metadata);
    if (deletionTimestamp !== undefined && finalizers !== undefined) {
      await this.client.call('PATCH', path, { metadata: { finalizers: null } });
    }
  }

  private async finishNamespace(namespace: JsonObject): Promise<void> {
    const { deletionTimestamp, name } = objectOf(namespace.metadata);
    if (deletionTimestamp === undefined) {
      return;
    }
    for (const path of NAMESPACED) {
      const collection = path.replace('{}', `namespaces/${textOf(name)}`);
      for (const object of await this.list(collection)) {
        await this.client.call('DELETE', `${collection}/${textOf(objectOf(object.metadata).name)}`);
      }
    }
    const finalized: JsonObject = { ...namespace, spec: { finalizers: [] } };
    await this.client.call('PUT', `/api/v1/namespaces/${textOf(name)}/finalize`, finalized);
  }

  private async reportAddress(service: JsonObject): Promise<void> {
    const annotations = objectOf(objectOf(service.metadata).annotations);
    const isInternal = annotations['service.beta.kubernetes.io/azure-load-balancer-internal'] === 'true';
    await this.client.call('PATCH', `${pathOf('/api/v1', 'services', service)}/status`, {
      status: { loadBalancer: { ingress: [{ ip: isInternal ? '10.60.5.4' : '20.50.0.1', ipMode: 'VIP' }] } },
    });
  }
}

function pathOf(api: string, plural: string, { metadata }: JsonObject): string {
  const { namespace, name } = objectOf(metadata);
  return `${api}/namespaces/${textOf(namespace)}/${plural}/${textOf(name)}`;
}

function deploymentStatus({ spec }: JsonObject): JsonObject {
  const replicas: Json = objectOf(spec).replicas ?? 1;
  return {
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    conditions: [
      { type: 'Available', status: 'True' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ],
  };
}

const DAEMON_SET_STATUS: JsonObject = {
  currentNumberScheduled: 1,
  desiredNumberScheduled: 1,
  numberMisscheduled: 0,
  numberReady: 1,
  numberAvailable: 1,
  updatedNumberScheduled: 1,
};
