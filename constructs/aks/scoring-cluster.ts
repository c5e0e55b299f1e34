import type { KubernetesProvider, KubernetesProviderConfig } from '@cdktf/provider-kubernetes/lib/provider';
import { Fn, Token, type ITerraformDependable, type TerraformProvider } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import {
  DataAzurermKubernetesCluster,
  DataAzurermResourceGroup,
  KubernetesCluster,
  KubernetesClusterNodePool,
  type MonitorDiagnosticSetting,
  RoleAssignment,
} from '../bindings/azurerm';
import { Accelerator, type NodeTaint } from '../accelerator/accelerator';
import { AZURE_NAMES, azureName, regionName, requireAzureName } from '../azure/azure-name';
import { clientConfig } from '../azure/client-config';
import { Environment, type MaintenanceWindow } from '../azure/environment';
import { requireLogAnalytics } from '../azure/resource-logs';
import { limitedName, nameFromPath } from '../azure/derived-name';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { isSameValue } from '../validation/synth-value';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { requireNumber, requirePattern } from '../validation/synth-value';
import { subnetName, type ClusterNetwork, type NetworkIsolation } from '../network/network-isolation';
import { azurePlacement, type IWorkspace } from '../workspace/workspace-reference';
import { ClusterAccess, type ClusterConnection } from './cluster-access';
import { ContainerInsights, controlPlaneLogs } from './cluster-logs';
import type { IScoringCluster } from './scoring-cluster-reference';
import { providerIn } from '../kubernetes/cluster-provider';
import { DeviceCapacity, type DeviceClaim } from '../kubernetes/device-capacity';
import { NvidiaDevicePlugin } from '../kubernetes/nvidia-device-plugin';

/** Node pools, access and network settings of a cluster. */
export interface ScoringClusterProps {
  /**
   * Workspace that provides the resource group, the location and a container registry that the nodes can pull from.
   * @default - none; set `resourceGroupName` and `location`
   */
  readonly workspace?: IWorkspace | undefined;
  /** @default - that of the workspace */
  readonly resourceGroupName?: string | undefined;
  /** @default - that of the workspace */
  readonly location?: string | undefined;
  /**
   * ARM ids of the container registries that the nodes can pull from (`AcrPull`).
   * @default - the workspace's registry; the registries of the services' images are added automatically
   */
  readonly containerRegistryIds?: string[] | undefined;
  /**
   * 1 to 63 letters, digits, `_` and `-`.
   * @default - derived from the construct path
   */
  readonly clusterName?: string | undefined;
  /**
   * Availability, maintenance, logs and their costs.
   * @default - that of the workspace, or Environment.development()
   */
  readonly environment?: Environment | undefined;
  /** @default Accelerator.cpu() */
  readonly accelerator?: Accelerator | undefined;
  /**
   * Number of nodes of the scoring pool; with `maxNodeCount`, the minimum.
   * @default 1
   */
  readonly nodeCount?: number | undefined;
  /**
   * Maximum number of nodes of the scoring pool. Enables the cluster autoscaler.
   * @default - a fixed number of nodes, `nodeCount`
   */
  readonly maxNodeCount?: number | undefined;
  /**
   * 1 to 12 lowercase letters and digits.
   * @default 'scoring'
   */
  readonly nodePoolName?: string | undefined;
  /** VM size of the system node pool. @default 'Standard_D2s_v5' */
  readonly systemVmSize?: string | undefined;
  /** @default - 2, or one per zone */
  readonly systemNodeCount?: number | undefined;
  /**
   * Minor version of Kubernetes, such as `1.33`. AKS installs patch versions automatically.
   * @default - the default version of AKS when the cluster is created
   */
  readonly kubernetesVersion?: string | undefined;
  /** How Terraform authenticates to the cluster. @default ClusterAccess.entraId() */
  readonly access?: ClusterAccess | undefined;
  /**
   * Network of the nodes and of the API server.
   * @default - that of the workspace, if it is isolated; else a public API server and a virtual network that AKS manages
   */
  readonly networkIsolation?: NetworkIsolation | undefined;
  /**
   * Address ranges that can reach the Kubernetes API server, as CIDRs. Include the machine that runs Terraform.
   * @default - any address
   */
  readonly authorizedIpRanges?: string[] | undefined;
  /**
   * Object ids of Entra groups whose members administer the cluster.
   * @default - none; Azure roles grant access
   */
  readonly adminGroupObjectIds?: string[] | undefined;
  /** @default - chosen by AKS */
  readonly nodeResourceGroupName?: string | undefined;
  /** @default - the default of NvidiaDevicePlugin */
  readonly devicePluginImage?: string | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
  /** azurerm provider, if the stack has several. @default - the workspace's, or the provider without an alias */
  readonly provider?: TerraformProvider | undefined;
}

const SCORING_CLUSTER_PROPS: KnownKeys<ScoringClusterProps> = {
  workspace: true,
  resourceGroupName: true,
  location: true,
  containerRegistryIds: true,
  clusterName: true,
  environment: true,
  accelerator: true,
  nodeCount: true,
  maxNodeCount: true,
  nodePoolName: true,
  systemVmSize: true,
  systemNodeCount: true,
  kubernetesVersion: true,
  access: true,
  networkIsolation: true,
  authorizedIpRanges: true,
  adminGroupObjectIds: true,
  nodeResourceGroupName: true,
  devicePluginImage: true,
  tags: true,
  provider: true,
};

/** Attributes of an existing cluster. */
export interface ScoringClusterAttributes {
  readonly clusterName: string;
  readonly resourceGroupName: string;
  /** Accelerator of the nodes that services run on. @default Accelerator.cpu() */
  readonly accelerator?: Accelerator | undefined;
  /**
   * Node pool that services run on.
   * @default - any node
   */
  readonly nodePoolName?: string | undefined;
  /**
   * Number of nodes of the pool; with autoscaling, the maximum.
   * @default - not known; the devices that replicas need are not checked
   */
  readonly nodeCount?: number | undefined;
  /**
   * ARM ids of the registries that the nodes can already pull from.
   * @default - none; a role is assigned for the registry of each image
   */
  readonly containerRegistryIds?: string[] | undefined;
  /** How Terraform authenticates to the cluster. @default ClusterAccess.entraId() */
  readonly access?: ClusterAccess | undefined;
  /** @default - the provider without an alias */
  readonly provider?: TerraformProvider | undefined;
}

const SCORING_CLUSTER_ATTRIBUTES: KnownKeys<ScoringClusterAttributes> = {
  clusterName: true,
  resourceGroupName: true,
  accelerator: true,
  nodePoolName: true,
  nodeCount: true,
  containerRegistryIds: true,
  access: true,
  provider: true,
};

/** Of a node, as AKS sets it for overlay networks. */
const MAX_PODS = 250;
const SYSTEM_POOL = 'system';
/** Replace a pool temporarily while the VM size of its nodes changes. */
const TEMPORARY_SYSTEM_POOL = 'systemtemp';
const TEMPORARY_POOL = 'scoringtemp';
const DEFAULT_POOL_NAME = 'scoring';
const RESERVED_POOL_NAMES = [SYSTEM_POOL, TEMPORARY_SYSTEM_POOL, TEMPORARY_POOL];

/**
 * An AKS cluster for web services, with a dedicated system pool and a scoring pool with the accelerator.
 *
 * Enables Azure RBAC, Azure Policy, managed identities, network policies (Cilium) and automatic patches of Kubernetes and of
 * the node images. Disables local accounts and `run command`. Use the `cluster` and `nodePool` resources for other settings.
 */
export class ScoringCluster extends Construct implements IScoringCluster {
  /**
   * Refers to an existing cluster. Its GPU nodes must have a device plugin (`NvidiaDevicePlugin`). Network policies take
   * effect only if the cluster enforces them.
   */
  static fromScoringClusterAttributes(
    scope: Construct,
    id: string,
    attributes: ScoringClusterAttributes,
  ): IScoringCluster {
    return new ImportedScoringCluster(scope, id, attributes);
  }

  readonly cluster: KubernetesCluster;
  readonly nodePool: KubernetesClusterNodePool;
  /** Role assignments that let nodes pull from `containerRegistryIds`. */
  readonly pullRoles: RoleAssignment[];
  /** @default - the nodes have no NVIDIA GPUs */
  readonly devicePlugin?: NvidiaDevicePlugin | undefined;
  /** Logs of the control plane. @default - the environment has no `diagnostics` */
  readonly logs?: MonitorDiagnosticSetting | undefined;
  /** @default - the environment has no `containerInsights` */
  readonly containerInsights?: ContainerInsights | undefined;
  readonly clusterName: string;
  readonly resourceGroupName: string;
  readonly location: string;
  readonly accelerator: Accelerator;
  readonly nodePoolName?: string | undefined;
  readonly minNodeCount?: number | undefined;
  readonly nodeTaints?: NodeTaint[] | undefined;
  readonly localAccounts?: boolean | undefined;
  readonly provider?: TerraformProvider | undefined;
  private readonly capacity: DeviceCapacity;
  private readonly grants: ClusterGrants;
  private readonly access: ClusterAccess;
  private readonly isolated: ClusterNetwork | undefined;

  constructor(scope: Construct, id: string, props: ScoringClusterProps) {
    super(scope, id);
    requireKnownProps(this, props, SCORING_CLUSTER_PROPS);
    requireProvidersInStack(this);
    const { accelerator = Accelerator.cpu(), nodeCount = 1, maxNodeCount, tags } = props;
    const azure = azurePlacement(this, props.workspace);
    this.resourceGroupName = this.required(
      'resourceGroupName',
      props.resourceGroupName,
      azure?.resourceGroupName,
    );
    this.location = regionName(this.required('location', props.location, azure?.location));
    this.accelerator = accelerator;
    this.access = props.access ?? ClusterAccess.entraId();
    this.provider = props.provider ?? azure?.provider;
    this.nodePoolName = props.nodePoolName ?? DEFAULT_POOL_NAME;
    this.check(props);
    this.capacity = new DeviceCapacity(
      accelerator,
      maxNodeCount ?? nodeCount,
      maxNodeCount === undefined ? 'nodeCount' : 'maxNodeCount',
    );
    const isolation = props.networkIsolation ?? azure?.networkIsolation;
    if (isolation && props.authorizedIpRanges !== undefined) {
      throw new ConstructError(
        this,
        'authorizedIpRanges is set, but networkIsolation makes the API server private, which only its network reaches; remove ' +
          'authorizedIpRanges',
      );
    }
    this.isolated = isolation?.bindCluster(this, {
      resourceGroupName: this.resourceGroupName,
      location: this.location,
      tags,
      provider: this.provider,
    });
    const { network, identity, privateDnsZoneId, outboundType, dependables } = this.isolated ?? {};
    const environment = (props.environment ?? azure?.environment ?? Environment.development()).bind(this);
    const { zones, azurePolicy, encryptionAtHost, maintenanceWindow, containerInsights } = environment;
    const logAnalyticsWorkspaceId = environment.logAnalyticsWorkspaceId ?? azure?.logAnalyticsWorkspaceId;
    const maintenance = maintenanceWindow && weekly(maintenanceWindow);
    const upgradeSettings = { maxSurge: '10%', drainTimeoutInMinutes: 0, nodeSoakDurationInMinutes: 0 };
    const common = {
      provider: this.provider,
      tags,
    };
    this.cluster = new KubernetesCluster(this, 'Cluster', {
      ...common,
      name: azureName(this, AZURE_NAMES.kubernetesCluster, props.clusterName, 'clusterName'),
      resourceGroupName: this.resourceGroupName,
      location: this.location,
      dnsPrefix: limitedName(nameFromPath(this), 54),
      kubernetesVersion: props.kubernetesVersion,
      nodeResourceGroup: props.nodeResourceGroupName,
      skuTier: environment.clusterTier,
      identity: identity ? { type: 'UserAssigned', identityIds: [identity.id] } : { type: 'SystemAssigned' },
      ...(network && {
        privateClusterEnabled: true,
        privateClusterPublicFqdnEnabled: false,
        privateDnsZoneId,
      }),
      azureActiveDirectoryRoleBasedAccessControl: {
        azureRbacEnabled: true,
        // azurerm requires the tenant or admin groups. With the tenant set, groups can be added and removed in place.
        tenantId: clientConfig(this, this.provider).tenantId,
        adminGroupObjectIds: props.adminGroupObjectIds,
      },
      roleBasedAccessControlEnabled: true,
      localAccountDisabled: !this.access.localAccounts,
      oidcIssuerEnabled: true,
      workloadIdentityEnabled: true,
      runCommandEnabled: false,
      automaticUpgradeChannel: 'patch',
      nodeOsUpgradeChannel: 'NodeImage',
      maintenanceWindowAutoUpgrade: maintenance,
      maintenanceWindowNodeOs: maintenance,
      azurePolicyEnabled: azurePolicy,
      omsAgent: containerInsights
        ? {
            logAnalyticsWorkspaceId: requireLogAnalytics(this, 'containerInsights', logAnalyticsWorkspaceId),
            msiAuthForMonitoringEnabled: true,
          }
        : undefined,
      imageCleanerEnabled: true,
      imageCleanerIntervalHours: 168,
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        networkDataPlane: 'cilium',
        networkPolicy: 'cilium',
        loadBalancerSku: 'standard',
        outboundType,
      },
      apiServerAccessProfile: props.authorizedIpRanges && {
        authorizedIpRanges: props.authorizedIpRanges,
      },
      defaultNodePool: {
        name: SYSTEM_POOL,
        temporaryNameForRotation: TEMPORARY_SYSTEM_POOL,
        vmSize: props.systemVmSize ?? 'Standard_D2s_v5',
        nodeCount: props.systemNodeCount ?? Math.max(2, zones?.length ?? 0),
        maxPods: MAX_PODS,
        hostEncryptionEnabled: encryptionAtHost,
        onlyCriticalAddonsEnabled: true,
        upgradeSettings,
        zones,
        tags,
        vnetSubnetId: network?.nodeSubnetId,
      },
      dependsOn: dependables,
    });
    this.node.defaultChild = this.cluster;
    this.clusterName = this.cluster.name;
    const { taint } = accelerator;
    this.minNodeCount = Token.isUnresolved(nodeCount) ? undefined : nodeCount;
    this.nodeTaints = taint ? [taint] : [];
    this.localAccounts = this.access.localAccounts;
    this.nodePool = new KubernetesClusterNodePool(this, 'NodePool', {
      ...common,
      name: this.nodePoolName,
      temporaryNameForRotation: TEMPORARY_POOL,
      kubernetesClusterId: this.cluster.id,
      mode: 'User',
      vmSize: accelerator.vmSize,
      nodeCount,
      nodeTaints: taint && [`${taint.key}=${taint.value}:${taint.effect}`],
      maxPods: MAX_PODS,
      hostEncryptionEnabled: encryptionAtHost,
      upgradeSettings,
      zones,
      vnetSubnetId: network?.nodeSubnetId,
      ...(maxNodeCount !== undefined && {
        autoScalingEnabled: true,
        minCount: nodeCount,
        maxCount: maxNodeCount,
        // Managed by the cluster autoscaler.
        lifecycle: { ignoreChanges: ['node_count'] },
      }),
    });
    const registries =
      props.containerRegistryIds ??
      (azure?.containerRegistryId !== undefined ? [azure.containerRegistryId] : []);
    this.grants = new ClusterGrants(
      this,
      {
        kubeletId: this.cluster.kubeletIdentity.objectId,
        clusterId: identity?.principalId ?? this.cluster.identity.principalId,
      },
      this.provider,
    );
    this.pullRoles = registries.map((registryId, index) =>
      this.grants.addPull(this, index === 0 ? 'AcrPull' : `AcrPull${index + 1}`, registryId),
    );
    if (environment.diagnostics) {
      this.logs = controlPlaneLogs(
        this,
        this,
        requireLogAnalytics(this, 'diagnostics', logAnalyticsWorkspaceId),
      );
    }
    if (containerInsights && logAnalyticsWorkspaceId !== undefined) {
      this.containerInsights = ContainerInsights._declare(this, 'ContainerInsights', {
        cluster: this,
        logAnalyticsWorkspaceId,
        tags,
      });
    }
    if (accelerator.isNvidia) {
      this.devicePlugin = new NvidiaDevicePlugin(this, 'NvidiaDevicePlugin', {
        cluster: this,
        nodeSelector: { 'kubernetes.azure.com/accelerator': 'nvidia' },
        image: props.devicePluginImage,
      });
    }
  }

  get nodeResourceGroupName(): string {
    return this.cluster.nodeResourceGroup;
  }

  get clusterId(): string {
    return this.cluster.id;
  }

  get dependables(): ITerraformDependable[] {
    return [this.nodePool, ...(this.devicePlugin ? [this.devicePlugin.daemonSet] : [])];
  }

  get providerConfig(): KubernetesProviderConfig {
    const { kubeAdminConfig, kubeConfig } = this.cluster;
    return this.access.providerConfig((this.access.localAccounts ? kubeAdminConfig : kubeConfig).get(0));
  }

  get serviceSubnetName(): string | undefined {
    return this.isolated && subnetName(this.isolated.network.serviceSubnetId);
  }

  get nodeSelector(): Record<string, string> | undefined {
    return poolSelector(this.nodePoolName ?? DEFAULT_POOL_NAME);
  }

  kubernetesProvider(scope: Construct): KubernetesProvider {
    return providerIn(scope, this);
  }

  grantPull(scope: Construct, registryId: string): ITerraformDependable[] {
    return this.grants.grantPull(scope, registryId);
  }

  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- jsii requires the parameters of the interface
  collectMetrics(scope: Construct): void {
    this.cluster.putMonitorMetrics({});
  }

  grantNetwork(scope: Construct, resourceGroupName: string): ITerraformDependable[] {
    return this.grants.grantNetwork(scope, resourceGroupName);
  }

  claimDevices(service: IConstruct, claim: DeviceClaim): void {
    this.capacity.claim(service, claim);
  }

  hasRoomFor(devices: number): boolean {
    return this.capacity.hasRoomFor(devices);
  }

  private required(what: string, given: string | undefined, ofWorkspace: string | undefined): string {
    const value = given ?? ofWorkspace;
    if (value === undefined) {
      throw new ConstructError(this, `${what} is missing; set it, or set workspace to a workspace on Azure`);
    }
    return value;
  }

  private check(props: ScoringClusterProps): void {
    const { nodeCount = 1, maxNodeCount, systemNodeCount, nodePoolName = DEFAULT_POOL_NAME } = props;
    requireNumber(this, 'nodeCount', nodeCount, wholeNumber(1, 1000));
    requireNumber(this, 'systemNodeCount', systemNodeCount, wholeNumber(1, 1000));
    requireNumber(
      this,
      'maxNodeCount',
      maxNodeCount,
      Token.isUnresolved(nodeCount)
        ? wholeNumber(1, 1000)
        : {
            ...wholeNumber(nodeCount, 1000),
            expected: `a whole number from ${nodeCount} (nodeCount) to 1000`,
          },
    );
    if (this.accelerator.vmSize === undefined) {
      throw new ConstructError(
        this,
        'accelerator has no vmSize, which a node pool on Azure needs; set vmSize of Accelerator.custom({ … })',
      );
    }
    requireAzureName(this, 'nodePoolName', AZURE_NAMES.nodePool, nodePoolName);
    if (RESERVED_POOL_NAMES.includes(nodePoolName)) {
      throw new ConstructError(
        this,
        `nodePoolName is "${nodePoolName}", which is reserved; choose another name`,
      );
    }
    // AKS installs patches automatically: a pinned patch version would later be planned as a downgrade, which AKS rejects.
    requirePattern(
      this,
      'kubernetesVersion',
      props.kubernetesVersion,
      /^\d+\.\d+$/,
      'a minor version, such as 1.33, because AKS installs patch versions automatically',
    );
    requirePattern(
      this,
      'location',
      this.location,
      /^[a-z][a-z0-9]*$/,
      'an Azure region, such as westeurope or "West Europe"',
    );
  }
}

class ImportedScoringCluster extends Construct implements IScoringCluster {
  readonly clusterName: string;
  readonly resourceGroupName: string;
  readonly accelerator: Accelerator;
  readonly nodePoolName?: string | undefined;
  readonly provider?: TerraformProvider | undefined;
  readonly dependables: ITerraformDependable[] = [];
  private readonly cluster: DataAzurermKubernetesCluster;
  private readonly capacity: DeviceCapacity;
  private readonly grants: ClusterGrants;
  private readonly access: ClusterAccess;

  constructor(scope: Construct, id: string, attributes: ScoringClusterAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, SCORING_CLUSTER_ATTRIBUTES);
    const { clusterName, resourceGroupName, accelerator = Accelerator.cpu(), provider } = attributes;
    this.clusterName = clusterName;
    this.resourceGroupName = resourceGroupName;
    this.accelerator = accelerator;
    this.nodePoolName = attributes.nodePoolName;
    this.provider = provider;
    this.access = attributes.access ?? ClusterAccess.entraId();
    this.capacity = new DeviceCapacity(accelerator, attributes.nodeCount, 'nodeCount');
    this.cluster = new DataAzurermKubernetesCluster(this, 'Cluster', {
      name: clusterName,
      resourceGroupName,
      provider,
    });
    this.grants = new ClusterGrants(
      this,
      {
        kubeletId: this.cluster.kubeletIdentity.get(0).objectId,
        clusterId: this.cluster.identity.get(0).principalId,
      },
      provider,
    );
    for (const registryId of attributes.containerRegistryIds ?? []) {
      this.grants.knowPull(registryId);
    }
  }

  get nodeResourceGroupName(): string {
    return this.cluster.nodeResourceGroup;
  }

  get clusterId(): string {
    return this.cluster.id;
  }

  get location(): string {
    return this.cluster.location;
  }

  get nodeSelector(): Record<string, string> | undefined {
    return this.nodePoolName === undefined ? undefined : poolSelector(this.nodePoolName);
  }

  get providerConfig(): KubernetesProviderConfig {
    const { kubeAdminConfig, kubeConfig } = this.cluster;
    const [admin, user] = [kubeAdminConfig.get(0), kubeConfig.get(0)];
    // A cluster without Entra integration has no admin configuration; its user configuration has administrator access.
    const either = (attribute: keyof ClusterConnection) =>
      this.access.localAccounts
        ? Token.asString(Fn.try([admin[attribute], user[attribute]]))
        : user[attribute];
    return this.access.providerConfig({
      host: either('host'),
      clusterCaCertificate: either('clusterCaCertificate'),
      clientCertificate: either('clientCertificate'),
      clientKey: either('clientKey'),
    });
  }

  kubernetesProvider(scope: Construct): KubernetesProvider {
    return providerIn(scope, this);
  }

  grantPull(scope: Construct, registryId: string): ITerraformDependable[] {
    return this.grants.grantPull(scope, registryId);
  }

  collectMetrics(scope: Construct): void {
    throw new ConstructError(
      scope,
      `the cluster "${this.clusterName}" is declared elsewhere, where its metrics add-on must be enabled; ` +
        'use ManagedPrometheus.fromManagedPrometheusAttributes(…)',
    );
  }

  grantNetwork(scope: Construct, resourceGroupName: string): ITerraformDependable[] {
    return this.grants.grantNetwork(scope, resourceGroupName);
  }

  claimDevices(service: IConstruct, claim: DeviceClaim): void {
    this.capacity.claim(service, claim);
  }

  hasRoomFor(devices: number): boolean {
    return this.capacity.hasRoomFor(devices);
  }
}

/** A maintenance window, as azurerm expects it. */
function weekly({ dayOfWeek, startTime, durationHours = 4 }: MaintenanceWindow) {
  return {
    frequency: 'Weekly',
    interval: 1,
    dayOfWeek,
    startTime,
    duration: durationHours,
    utcOffset: '+00:00',
  };
}

function poolSelector(nodePoolName: string): Record<string, string> {
  return { 'kubernetes.azure.com/agentpool': nodePoolName };
}

/** Object ids of the identities of a cluster. */
interface ClusterPrincipals {
  /** Kubelet identity, which pulls images. */
  readonly kubeletId: string;
  /** Cluster identity, which manages the load balancer. */
  readonly clusterId: string;
}

/** Roles assigned to a cluster. Tracked because Azure rejects a duplicate role assignment. */
class ClusterGrants {
  private readonly pulls: { registryId: string; role?: RoleAssignment | undefined }[] = [];
  private readonly networks: { resourceGroupName: string; role: RoleAssignment }[] = [];

  constructor(
    private readonly owner: IScoringCluster,
    private readonly principals: ClusterPrincipals,
    private readonly provider: TerraformProvider | undefined,
  ) {}

  knowPull(registryId: string): void {
    this.pulls.push({ registryId });
  }

  addPull(scope: Construct, id: string, registryId: string): RoleAssignment {
    // Nodes pull the images of pods.
    const role = this.assign(scope, id, 'AcrPull', registryId, this.principals.kubeletId);
    this.pulls.push({ registryId, role });
    return role;
  }

  grantPull(scope: Construct, registryId: string): ITerraformDependable[] {
    const same = this.pulls.find((each) => isSameValue(scope, each.registryId, registryId));
    if (same) {
      return same.role ? [same.role] : [];
    }
    const id = scope.node.tryFindChild('AcrPull') ? `AcrPull${this.pulls.length + 1}` : 'AcrPull';
    return [this.addPull(scope, id, registryId)];
  }

  grantNetwork(scope: Construct, resourceGroupName: string): ITerraformDependable[] {
    const same = this.networks.find((each) => isSameValue(scope, each.resourceGroupName, resourceGroupName));
    if (same) {
      return [same.role];
    }
    const group = new DataAzurermResourceGroup(scope, 'PublicIpResourceGroup', {
      name: resourceGroupName,
      provider: this.provider,
    });
    // Load balancers take the public addresses in the group.
    const role = this.assign(
      scope,
      'NetworkContributor',
      'Network Contributor',
      group.id,
      this.principals.clusterId,
    );
    this.networks.push({ resourceGroupName, role });
    return [role];
  }

  private assign(
    scope: Construct,
    id: string,
    roleDefinitionName: string,
    target: string,
    principalId: string,
  ): RoleAssignment {
    return new RoleAssignment(scope, id, {
      scope: target,
      roleDefinitionName,
      principalId,
      principalType: 'ServicePrincipal',
      description: `${roleDefinitionName} for the AKS cluster ${nameFromPath(this.owner)}`,
      // A new identity may not have replicated in Entra yet.
      skipServicePrincipalAadCheck: true,
      provider: this.provider,
    });
  }
}
