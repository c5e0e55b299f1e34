import type { Construct } from 'constructs';

import { HEALTH_PORT } from '../../lib/contract/image-layout';
import { INSTANCE_LABEL } from '../../lib/contract/kubernetes-labels';
import { NetworkPolicyV1 } from '../bindings/kubernetes';
import { dependablesFor } from '../terraform/dependables';
import { ConstructError } from '../validation/construct-error';
import type { IWebservice, IWebservicePods } from '../webservice/webservice';

/**
 * Returns the pods of a service.
 * @param what collector, for the message
 * @throws ConstructError if the service does not run on Kubernetes
 * @internal
 */
export function requirePods(
  scope: Construct,
  { serviceName, endpoint }: IWebservice,
  what: string,
): IWebservicePods {
  if (!endpoint.pods) {
    throw new ConstructError(
      scope,
      `prometheus is ${what}, but the service "${serviceName}" does not run on Kubernetes; ` +
        'remove prometheus, call addOutputs(), and load the rules into your Prometheus',
    );
  }
  return endpoint.pods;
}

/**
 * Declares a network policy that lets the pods of a namespace read the metrics of a service. Policies add up, so the one of
 * the service stays as it is.
 * @internal
 */
export function scrapePolicy(
  scope: Construct,
  pods: IWebservicePods,
  monitoringNamespace: string,
): NetworkPolicyV1 {
  return new NetworkPolicyV1(scope, 'ScrapePolicy', {
    provider: pods.provider(scope),
    metadata: {
      name: `${pods.labels[INSTANCE_LABEL] ?? ''}-metrics`,
      namespace: pods.namespace,
      labels: pods.labels,
    },
    spec: {
      podSelector: { matchLabels: pods.labels },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': monitoringNamespace } } },
          ],
          ports: [{ port: `${HEALTH_PORT}`, protocol: 'TCP' }],
        },
      ],
    },
    dependsOn: dependablesFor(scope, pods.dependables),
  });
}
