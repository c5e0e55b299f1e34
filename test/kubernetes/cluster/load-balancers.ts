import { setTimeout as delay } from 'node:timers/promises';

import { objectOf, objectsOf, textOf } from '../../azure/simulator/json';
import type { KubernetesClient } from './kubernetes-client';
import { NETWORK } from './network';

const INTERVAL_MS = 500;

/**
 * Stands in for a cloud's controller: gives each service of type LoadBalancer the address that it asks for, or one of its
 * own.
 */
export class LoadBalancers {
  static start(client: KubernetesClient): LoadBalancers {
    return new LoadBalancers(client);
  }

  private assigned = 0;
  private stopped = false;
  private readonly ended: Promise<void>;

  private constructor(private readonly client: KubernetesClient) {
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      // The API server may be busy; the next round succeeds.
      await this.assign().catch(() => undefined);
      await delay(INTERVAL_MS);
    }
  }

  private async assign(): Promise<void> {
    const { body } = await this.client.call('GET', '/api/v1/services');
    for (const { metadata, spec, status } of objectsOf(body.items)) {
      const { ingress } = objectOf(objectOf(status).loadBalancer);
      if (objectOf(spec).type === 'LoadBalancer' && ingress === undefined) {
        const { namespace, name } = objectOf(metadata);
        const { loadBalancerIP } = objectOf(spec);
        const ip = textOf(loadBalancerIP) || `${NETWORK.loadBalancers}${(this.assigned += 1)}`;
        await this.client.call(
          'PATCH',
          `/api/v1/namespaces/${textOf(namespace)}/services/${textOf(name)}/status`,
          { status: { loadBalancer: { ingress: [{ ip }] } } },
        );
      }
    }
  }
}
