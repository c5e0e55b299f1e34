import type { Construct } from 'constructs';

import { ConstructError } from '../validation/construct-error';

/** What the settings of the extension follow from. */
export interface ExtensionFacts {
  /** The ARM id. */
  readonly clusterId: string;
  readonly clusterName: string;
  /** The cluster's region, as Azure writes it: `westeurope`. */
  readonly location: string;
  /** Whether three inference routers run, each on a node of its own. */
  readonly highAvailability: boolean;
  /** Whether the router's address is one of the cluster's virtual network. */
  readonly internal: boolean;
  /** The name that clients call by. @default - TLS is off */
  readonly hostname?: string | undefined;
}

/**
 * The settings of `Microsoft.AzureML.Kubernetes` for inference on AKS. Besides those that its page documents, it needs what
 * `az k8s-extension create` adds to them on its own: which cluster it is in, and that neither a relay nor a service bus is
 * there, which only clusters outside of Azure need. Nothing but the command adds them: without it they must be named here.
 *
 * Source: "Deploy Azure Machine Learning extension on AKS or Arc Kubernetes cluster"; `AzureMLKubernetes.Create` of the
 * command's extension `k8s-extension` (Azure/azure-cli-extensions, partner_extensions/AzureMLKubernetes.py).
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

/** Settings that follow from a property of `AttachedKubernetesCluster`, by which alone they are checked. */
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
 * The settings that a user adds.
 * @throws ConstructError for one that a property sets
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
        `extensionSettings has "${name}", which ${property} sets and checks; set ${property}, and remove it here`,
      );
    }
  }
  return given;
}
