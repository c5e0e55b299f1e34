import type { Construct } from 'constructs';

import { ConstructError } from '../validation/construct-error';

/** Inputs of the extension's settings. */
export interface ExtensionFacts {
  /** ARM id of the cluster. */
  readonly clusterId: string;
  readonly clusterName: string;
  /** Region of the cluster in Azure's notation: `westeurope`. */
  readonly location: string;
  /** Whether three inference routers run, each on a separate node. */
  readonly highAvailability: boolean;
  /** Whether the router has a private address in the cluster's virtual network. */
  readonly internal: boolean;
  /** Host name that clients call. @default - TLS is disabled */
  readonly hostname?: string | undefined;
}

/**
 * Returns the settings of `Microsoft.AzureML.Kubernetes` for inference on AKS. In addition to the documented settings, they
 * include those that `az k8s-extension create` adds: the cluster, and that it has neither a relay nor a service bus, which
 * only clusters outside of Azure need. Terraform does not add them.
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension
 * @see https://github.com/Azure/azure-cli-extensions/blob/main/src/k8s-extension/azext_k8s_extension/partner_extensions/AzureMLKubernetes.py
 * @internal
 */
export function extensionSettings(facts: ExtensionFacts): Record<string, string> {
  const { clusterId, clusterName, location, highAvailability, internal, hostname } = facts;
  return {
    enableTraining: 'False',
    enableInference: 'True',
    inferenceRouterServiceType: 'LoadBalancer',
    inferenceRouterHA: highAvailability ? 'True' : 'False',
    ...(!highAvailability && { clusterPurpose: 'DevTest' }),
    installNvidiaDevicePlugin: 'False',
    ...(internal && {
      internalLoadBalancerProvider: 'azure',
      'scoringFe.serviceType.internalLoadBalancer': 'True',
    }),
    ...(hostname === undefined ? { allowInsecureConnections: 'True' } : { sslCname: hostname }),
    cluster_name: clusterId,
    clusterId,
    'prometheus.prometheusSpec.externalLabels.cluster_name': clusterId,
    cluster_name_friendly: clusterName,
    location,
    jobSchedulerLocation: location,
    domain: `${location}.cloudapp.azure.com`,
    'servicebus.enabled': 'false',
    'relayserver.enabled': 'false',
    'nginxIngress.enabled': 'true',
  };
}

/** Settings that a property of `AttachedKubernetesCluster` controls and checks, with the name of the property. */
const PROPERTY_OF = new Map([
  ['inferenceRouterHA', 'routerHighAvailability'],
  ['clusterPurpose', 'routerHighAvailability'],
  ['allowInsecureConnections', 'ssl'],
  ['sslCname', 'ssl'],
  ['sslSecret', 'ssl'],
  ['internalLoadBalancerProvider', 'internalLoadBalancer'],
  ['scoringFe.serviceType.internalLoadBalancer', 'internalLoadBalancer'],
]);

/**
 * Checks additional settings of a user.
 * @throws ConstructError if a property controls one of them
 * @internal
 */
export function furtherSettings(
  scope: Construct,
  given: Record<string, string> = {},
): Record<string, string> {
  for (const name of Object.keys(given)) {
    const property = PROPERTY_OF.get(name);
    if (property !== undefined) {
      throw new ConstructError(
        scope,
        `extensionSettings contains "${name}", which ${property} controls; remove it and set ${property}`,
      );
    }
  }
  return given;
}
