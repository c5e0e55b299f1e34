import { AzureError } from '../azure-error';
import { CALLER, guid } from '../identity';
import { ensureObject, fill, isObject, objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { networkOf } from '../private-link';
import { parentId, parseResourceId, subscriptionId } from '../resource-id';
import type { Azure, Resource, ResourceType } from '../resource-type';
import { hasRole } from '../roles';

const CLUSTER = 'Microsoft.ContainerService/managedClusters';
/** @see https://azure.github.io/kubelogin/concepts/aks.html */
const AKS_SERVER_APPLICATION = '6dae42f8-4368-4678-94ff-3960e28e3630';

export const containerService: Readonly<Record<string, ResourceType>> = {
  [CLUSTER]: {
    beforeWrite: (cluster, azure) => {
      const { properties } = cluster;
      properties.nodeResourceGroup = textOf(properties.nodeResourceGroup) || null;
      properties.kubernetesVersion = textOf(properties.kubernetesVersion) || null;
      fill(cluster, clusterDefaults(cluster));
      const { oidcIssuerProfile, aadProfile } = properties;
      if (isObject(oidcIssuerProfile) && oidcIssuerProfile.enabled === true) {
        oidcIssuerProfile.issuerURL = `https://${textOf(cluster.location)}.oic.prod-aks.azure.com/${CALLER.tenantId}/${guid(cluster.id, 'oidc')}/`;
      }
      if (isObject(aadProfile) && aadProfile.managed === true) {
        fill(aadProfile, { tenantID: CALLER.tenantId, adminGroupObjectIDs: null });
      }
      requireNetwork(cluster, azure);
      addNodeResources(cluster, azure);
      completeNetwork(cluster);
    },
    afterWrite: (cluster, azure) => {
      // Pools are resources of their own; the cluster shows them.
      for (const { name, ...properties } of objectsOf(cluster.properties.agentPoolProfiles)) {
        azure.put(`${cluster.id}/agentPools/${textOf(name)}`, { properties });
      }
      addPrivateRecord(cluster, azure);
      delete cluster.properties.agentPoolProfiles;
      azure.clusters.start(cluster.id);
    },
    afterRemove: (cluster, azure) => {
      azure.remove(nodeResourceGroupId(cluster));
      const record = privateRecordId(cluster);
      if (record !== undefined) {
        azure.remove(record);
      }
      azure.clusters.stop(cluster.id);
    },
    show: (cluster, azure) => {
      const prefix = `${cluster.id}/agentPools/`.toLowerCase();
      cluster.properties.agentPoolProfiles = [...azure.all()]
        .filter(({ id }) => id.toLowerCase().startsWith(prefix))
        .map(({ name, properties }) => ({ name, ...properties }));
    },
    actions: {
      listclusteradmincredential: async (cluster, { clusters }) => {
        if (cluster.properties.disableLocalAccounts === true) {
          throw new AzureError(
            400,
            'BadRequest',
            'Getting static credential is not allowed because this cluster is set to disable local accounts.',
          );
        }
        return credential('clusterAdmin', await clusters.kubeconfig(cluster.id));
      },
      listclusterusercredential: async ({ id, properties }, { clusters }) => {
        const kubeconfig = await clusters.kubeconfig(id);
        return credential(
          'clusterUser',
          isObject(properties.aadProfile) ? withoutCredentials(kubeconfig) : kubeconfig,
        );
      },
    },
  },
  [`${CLUSTER}/maintenanceConfigurations`]: {},
  [`${CLUSTER}/agentPools`]: {
    defaults: ({ id }, azure) => {
      const version = azure.find(parentId(parseResourceId(id)))?.properties.currentKubernetesVersion;
      return {
        properties: { ...POOL_DEFAULTS, orchestratorVersion: version, currentOrchestratorVersion: version },
      };
    },
  },
  'Microsoft.KubernetesConfiguration/extensions': {
    beforeWrite: ({ properties }) => {
      // Azure returns the names of protected settings alone.
      const settings = ensureObject(properties, 'configurationProtectedSettings');
      for (const name of Object.keys(settings)) {
        settings[name] = '';
      }
    },
    defaults: () => ({
      properties: {
        autoUpgradeMinorVersion: true,
        releaseTrain: 'Stable',
        currentVersion: '1.3.0',
        scope: { cluster: { releaseNamespace: 'azureml' } },
        installState: 'Installed',
        isSystemExtension: false,
      },
    }),
    afterWrite: ({ id }, { clusters }) => clusters.installInferenceRouter(clusterIdOf(id)),
    afterRemove: ({ id }, { clusters }) => {
      clusters.removeInferenceRouter(clusterIdOf(id));
    },
  },
};

const KUBERNETES_VERSION = '1.33.5';

const POOL_DEFAULTS = {
  count: 1,
  osDiskSizeGB: 128,
  osDiskType: 'Managed',
  kubeletDiskType: 'OS',
  maxPods: 250,
  type: 'VirtualMachineScaleSets',
  mode: 'User',
  scaleDownMode: 'Delete',
  powerState: { code: 'Running' },
  enableNodePublicIP: false,
  osType: 'Linux',
  osSKU: 'Ubuntu',
  enableFIPS: false,
  nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202511.01.0',
  securityProfile: { enableVTPM: false, enableSecureBoot: false },
  upgradeSettings: { maxSurge: '10%' },
  enableAutoScaling: false,
};

function clusterDefaults({ id, name, location, properties }: Resource): JsonObject {
  const region = textOf(location);
  const version = textOf(properties.kubernetesVersion) || KUBERNETES_VERSION;
  const host = `${textOf(properties.dnsPrefix)}-abcd1234`;
  return {
    sku: { name: 'Base', tier: 'Free' },
    properties: {
      kubernetesVersion: version,
      currentKubernetesVersion: version.split('.').length === 3 ? version : `${version}.5`,
      powerState: { code: 'Running' },
      maxAgentPools: 100,
      ...(isPrivateCluster(properties)
        ? { privateFQDN: `${host}.${privateZoneName(properties, region)}` }
        : { fqdn: `${host}.hcp.${region}.azmk8s.io` }),
      azurePortalFQDN: `${host}.portal.hcp.${region}.azmk8s.io`,
      nodeResourceGroup: `MC_${id.split('/')[4] ?? ''}_${name}_${region}`,
      supportPlan: 'KubernetesOfficial',
      servicePrincipalProfile: { clientId: 'msi' },
      windowsProfile: { adminUsername: 'azureuser', enableCSIProxy: true },
      metricsProfile: { costAnalysis: { enabled: false } },
      storageProfile: {
        diskCSIDriver: { enabled: true },
        fileCSIDriver: { enabled: true },
        snapshotController: { enabled: true },
      },
      nodeProvisioningProfile: { mode: 'Manual', defaultNodePools: 'Auto' },
      bootstrapProfile: { artifactSource: 'Direct' },
      oidcIssuerProfile: { enabled: false },
      securityProfile: {},
      disableLocalAccounts: false,
      enableRBAC: true,
      nodeResourceGroupProfile: { restrictionLevel: 'Unrestricted' },
    },
  };
}

function nodeResourceGroupId({ id, properties }: Resource): string {
  return `/subscriptions/${subscriptionId(id)}/resourceGroups/${textOf(properties.nodeResourceGroup)}`;
}

function outboundIpId(cluster: Resource): string {
  return `${nodeResourceGroupId(cluster)}/providers/Microsoft.Network/publicIPAddresses/${guid(cluster.id, 'outbound')}`;
}

/** The resource group of the nodes: their identity, and the address of the load balancer. */
function addNodeResources(cluster: Resource, azure: Azure): void {
  const { location, properties } = cluster;
  const group = nodeResourceGroupId(cluster);
  const kubelet = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${cluster.name}-agentpool`;
  azure.add(group, { location, managedBy: cluster.id });
  azure.add(kubelet, { location });
  azure.add(outboundIpId(cluster), {
    location,
    sku: { name: 'Standard' },
    properties: { publicIPAllocationMethod: 'Static' },
  });
  const { clientId, principalId } = azure.find(kubelet)?.properties ?? {};
  properties.identityProfile = {
    kubeletidentity: { resourceId: kubelet, clientId, objectId: principalId },
  };
}

function completeNetwork(cluster: Resource): void {
  const network = ensureObject(cluster.properties, 'networkProfile');
  fill(network, {
    podCidr: '10.244.0.0/16',
    podCidrs: ['10.244.0.0/16'],
    serviceCidr: '10.0.0.0/16',
    serviceCidrs: ['10.0.0.0/16'],
    dnsServiceIP: '10.0.0.10',
    outboundType: 'loadBalancer',
    ipFamilies: ['IPv4'],
    loadBalancerSku: 'standard',
  });
  network.loadBalancerSku = textOf(network.loadBalancerSku).toLowerCase();
  if (network.outboundType === 'loadBalancer') {
    fill(network, {
      loadBalancerProfile: {
        managedOutboundIPs: { count: 1 },
        effectiveOutboundIPs: [{ id: outboundIpId(cluster) }],
        backendPoolType: 'nodeIPConfiguration',
      },
    });
  }
}

/** Users of a cluster with Entra integration get their tokens from kubelogin. */
function withoutCredentials(kubeconfig: JsonObject): JsonObject {
  const users = objectsOf(kubeconfig.users).map(({ name }) => ({
    name,
    user: {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command: 'kubelogin',
        args: ['get-token', '--login', 'devicecode', '--server-id', AKS_SERVER_APPLICATION],
      },
    },
  }));
  return { ...kubeconfig, users };
}

function credential(name: string, kubeconfig: unknown): JsonObject {
  const value = Buffer.from(JSON.stringify(kubeconfig)).toString('base64');
  return { kubeconfigs: [{ name, value }] };
}

/** The cluster that an extension extends. */
function clusterIdOf(extensionId: string): string {
  return extensionId.slice(
    0,
    extensionId.toLowerCase().lastIndexOf('/providers/microsoft.kubernetesconfiguration/'),
  );
}

function isPrivateCluster({ apiServerAccessProfile }: JsonObject): boolean {
  return objectOf(apiServerAccessProfile).enablePrivateCluster === true;
}

/** ARM id of the zone of a private API server; `undefined` if AKS manages the zone. */
function privateZoneId({ apiServerAccessProfile }: JsonObject): string | undefined {
  const zone = textOf(objectOf(apiServerAccessProfile).privateDNSZone);
  return zone.startsWith('/') ? zone : undefined;
}

function privateZoneName(properties: JsonObject, region: string): string {
  return privateZoneId(properties)?.split('/').at(-1) ?? `privatelink.${region}.azmk8s.io`;
}

function privateRecordId({ properties }: Resource): string | undefined {
  const zone = isPrivateCluster(properties) ? privateZoneId(properties) : undefined;
  return zone && `${zone}/A/${textOf(properties.privateFQDN).split('.')[0] ?? ''}`;
}

/** AKS writes the record with the cluster's identity. */
function addPrivateRecord(cluster: Resource, azure: Azure): void {
  const record = privateRecordId(cluster);
  if (record !== undefined) {
    azure.add(record, { properties: { ttl: 300, aRecords: [{ ipv4Address: '10.60.0.4' }] } });
  }
}

/**
 * What AKS requires of a network that it does not create: a way out that fits the outbound type, and an identity that may use
 * the network and the zone of the API server before the cluster exists.
 *
 * @see https://learn.microsoft.com/azure/aks/egress-outboundtype
 * @see https://learn.microsoft.com/azure/aks/private-clusters
 */
function requireNetwork(cluster: Resource, azure: Azure): void {
  const { properties } = cluster;
  const subnetId = objectsOf(properties.agentPoolProfiles)
    .map((pool) => textOf(pool.vnetSubnetID))
    .at(0);
  const zone = isPrivateCluster(properties) ? privateZoneId(properties) : undefined;
  if (subnetId === undefined || subnetId === '') {
    return;
  }
  const network = azure.find(networkOf(subnetId));
  const subnet = objectsOf(network?.properties.subnets).find(
    ({ id }) => textOf(id).toLowerCase() === subnetId.toLowerCase(),
  );
  const needed = { userAssignedNATGateway: 'natGateway', userDefinedRouting: 'routeTable' }[
    textOf(objectOf(properties.networkProfile).outboundType)
  ];
  if (needed !== undefined && !isObject(objectOf(subnet?.properties)[needed])) {
    throw new AzureError(
      400,
      'BadRequest',
      `The subnet ${subnetId} has no ${needed}, as outboundType requires.`,
    );
  }
  const identities = Object.values(objectOf(objectOf(cluster.identity).userAssignedIdentities));
  const principalId = textOf(objectOf(identities[0]).principalId);
  const requireRole = (scope: string, role: string) => {
    if (!hasRole(azure, principalId, scope, [role])) {
      throw new AzureError(
        400,
        'CustomPrivateDNSZoneMissingPermissionError',
        `Service principal or user assigned identity must be given permission: ${role} on ${scope}.`,
      );
    }
  };
  requireRole(networkOf(subnetId), 'Network Contributor');
  if (zone !== undefined) {
    requireRole(zone, 'Private DNS Zone Contributor');
  }
}
