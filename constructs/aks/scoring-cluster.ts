import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { DataAzurermResourceGroup } from '@cdktf/provider-azurerm/lib/data-azurerm-resource-group';
import { KubernetesCluster } from '@cdktf/provider-azurerm/lib/kubernetes-cluster';
import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { Fn, TerraformStack, Token, type ITerraformDependable, type TerraformProvider } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { Accelerator, type NodeTaint } from '../accelerator/accelerator';
import { AZURE_NAMES, azureName, requireAzureName } from '../azure/azure-name';
import { clientConfig } from '../azure/client-config';
import { limitedName, nameFromPath } from '../azure/derived-name';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { isSameValue } from '../validation/synth-value';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { requireNumber, requirePattern } from '../validation/synth-value';
import type { IWorkspace } from '../workspace/workspace-reference';
import { ClusterAccess, type ClusterConnection } from './cluster-access';
import type { IScoringCluster } from './scoring-cluster-reference';
import { NodePoolCapacity, type DeviceClaim } from './node-pool-capacity';
import { NvidiaDevicePlugin } from './nvidia-device-plugin';

/** The nodes of a cluster, and who may reach it. */
export interface ScoringClusterProps {
  /**
   * Gives the resource group and the location, and its registry is one that the nodes may pull from.
   * @default - the three below are given
   */
  readonly workspace?: IWorkspace | undefined;
  /** @default - the workspace's */
  readonly resourceGroupName?: string | undefined;
  /** @default - the workspace's */
  readonly location?: string | undefined;
  /**
   * ARM ids of registries that the nodes may pull from (`AcrPull`).
   * @default - the workspace's; those of services' images are added as they come
   */
  readonly containerRegistryIds?: string[] | undefined;
  /**
   * 1 to 63 letters, digits, `_` and `-`.
   * @default - made of the construct's path
   */
  readonly clusterName?: string | undefined;
  /** @default Accelerator.cpu() */
  readonly accelerator?: Accelerator | undefined;
  /**
   * Nodes of the scoring pool; with `maxNodeCount`, the least there are.
   * @default 1
   */
  readonly nodeCount?: number | undefined;
  /**
   * Lets the cluster add nodes to the scoring pool up to so many, and remove them again.
   * @default - as many as `nodeCount`, always
   */
  readonly maxNodeCount?: number | undefined;
  /**
   * 1 to 12 lower-case letters and digits.
   * @default 'scoring'
   */
  readonly nodePoolName?: string | undefined;
  /** Size of the nodes that run Kubernetes' own pods. @default 'Standard_D2s_v5' */
  readonly systemVmSize?: string | undefined;
  /** @default 2 */
  readonly systemNodeCount?: number | undefined;
  /**
   * Availability zones of both pools.
   * @default - none is asked for: GPU sizes are not in every zone
   */
  readonly zones?: string[] | undefined;
  /**
   * A minor version, such as `1.33`.
   * @default - AKS's at creation; patches come by themselves
   */
  readonly kubernetesVersion?: string | undefined;
  /**
   * `Free`, `Standard` (with an uptime SLA) or `Premium`.
   * @default 'Free'
   */
  readonly skuTier?: string | undefined;
  /** @default ClusterAccess.adminCertificate() */
  readonly access?: ClusterAccess | undefined;
  /**
   * Where the Kubernetes API may be called from, as CIDRs. Terraform must be among them.
   * @default - anywhere, with credentials
   */
  readonly authorizedIpRanges?: string[] | undefined;
  /**
   * Entra groups whose members administer the cluster.
   * @default - whoever has an Azure role for it
   */
  readonly adminGroupObjectIds?: string[] | undefined;
  /** @default - named by AKS */
  readonly nodeResourceGroupName?: string | undefined;
  /** @default - NvidiaDevicePlugin's */
  readonly devicePluginImage?: string | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
  /** The azurerm provider, where a stack has several. @default - the workspace's, or the one without an alias */
  readonly provider?: TerraformProvider | undefined;
}

const SCORING_CLUSTER_PROPS: KnownKeys<ScoringClusterProps> = {
  workspace: true,
  resourceGroupName: true,
  location: true,
  containerRegistryIds: true,
  clusterName: true,
  accelerator: true,
  nodeCount: true,
  maxNodeCount: true,
  nodePoolName: true,
  systemVmSize: true,
  systemNodeCount: true,
  zones: true,
  kubernetesVersion: true,
  skuTier: true,
  access: true,
  authorizedIpRanges: true,
  adminGroupObjectIds: true,
  nodeResourceGroupName: true,
  devicePluginImage: true,
  tags: true,
  provider: true,
};

/** A cluster that exists. */
export interface ScoringClusterAttributes {
  readonly clusterName: string;
  readonly resourceGroupName: string;
  /** What the nodes of the pool have that services run on. @default Accelerator.cpu() */
  readonly accelerator?: Accelerator | undefined;
  /**
   * The pool that services run on.
   * @default - whatever node takes them
   */
  readonly nodePoolName?: string | undefined;
  /**
   * How many nodes the pool has, or can have.
   * @default - not known: replicas are not held against it
   */
  readonly nodeCount?: number | undefined;
  /**
   * ARM ids of registries that the nodes may pull from already.
   * @default - none: each image's registry gets a role assignment
   */
  readonly containerRegistryIds?: string[] | undefined;
  /** @default ClusterAccess.adminCertificate() */
  readonly access?: ClusterAccess | undefined;
  /** @default - the one without an alias */
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

const SYSTEM_POOL = 'system';
/** Stand in for a pool while its nodes get another size. */
const TEMPORARY_SYSTEM_POOL = 'systemtemp';
const TEMPORARY_POOL = 'scoringtemp';
const DEFAULT_POOL_NAME = 'scoring';
const RESERVED_POOL_NAMES = [SYSTEM_POOL, TEMPORARY_SYSTEM_POOL, TEMPORARY_POOL];

/**
 * An AKS cluster for web services: a system pool that runs nothing else, and a scoring pool with the accelerator.
 *
 * Azure RBAC, managed identities, network policies (Cilium), automatic patches of Kubernetes and of the nodes; no
 * `run command`. Other settings: `cluster` and `nodePool` are the resources themselves.
 */
export class ScoringCluster extends Construct implements IScoringCluster {
  /**
   * A cluster that exists. Its GPU nodes must have a device plugin (`NvidiaDevicePlugin`), and network policies
   * hold only where the cluster enforces them.
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
  /** The role assignments that let nodes pull from the registries that are known from the start. */
  readonly pullRoles: RoleAssignment[];
  /** @default - the nodes have no NVIDIA GPUs */
  readonly devicePlugin?: NvidiaDevicePlugin | undefined;
  readonly clusterName: string;
  readonly resourceGroupName: string;
  readonly accelerator: Accelerator;
  readonly nodePoolName?: string | undefined;
  readonly minNodeCount?: number | undefined;
  readonly nodeTaints?: NodeTaint[] | undefined;
  readonly localAccounts?: boolean | undefined;
  readonly provider?: TerraformProvider | undefined;
  private readonly capacity: NodePoolCapacity;
  private readonly grants: ClusterGrants;
  private readonly access: ClusterAccess;

  constructor(scope: Construct, id: string, props: ScoringClusterProps) {
    super(scope, id);
    requireKnownProps(this, props, SCORING_CLUSTER_PROPS);
    requireProvidersInStack(this);
    const { accelerator = Accelerator.cpu(), nodeCount = 1, maxNodeCount, zones, tags } = props;
    const azure = props.workspace?.azure;
    if (props.workspace && !azure) {
      throw new ConstructError(
        this,
        `the workspace "${props.workspace.workspaceName}" is on this machine; a cluster needs one on Azure, ` +
          'or resourceGroupName and location',
      );
    }
    this.resourceGroupName = this.required(
      'resourceGroupName',
      props.resourceGroupName,
      azure?.resourceGroupName,
    );
    const location = this.required('location', props.location, azure?.location);
    this.accelerator = accelerator;
    this.access = props.access ?? ClusterAccess.adminCertificate();
    this.provider = props.provider ?? azure?.provider;
    this.nodePoolName = props.nodePoolName ?? DEFAULT_POOL_NAME;
    this.check(props, location);
    this.capacity = new NodePoolCapacity(
      accelerator,
      maxNodeCount ?? nodeCount,
      maxNodeCount === undefined ? 'nodeCount' : 'maxNodeCount',
    );
    const upgradeSettings = { maxSurge: '10%', drainTimeoutInMinutes: 0, nodeSoakDurationInMinutes: 0 };
    const common = {
      ...(this.provider && { provider: this.provider }),
      ...(tags && { tags }),
    };
    this.cluster = new KubernetesCluster(this, 'Cluster', {
      ...common,
      name: azureName(this, AZURE_NAMES.kubernetesCluster, props.clusterName, 'clusterName'),
      resourceGroupName: this.resourceGroupName,
      location,
      dnsPrefix: limitedName(nameFromPath(this), 54),
      ...(props.kubernetesVersion !== undefined && { kubernetesVersion: props.kubernetesVersion }),
      ...(props.nodeResourceGroupName !== undefined && { nodeResourceGroup: props.nodeResourceGroupName }),
      skuTier: props.skuTier ?? 'Free',
      identity: { type: 'SystemAssigned' },
      azureActiveDirectoryRoleBasedAccessControl: {
        azureRbacEnabled: true,
        // azurerm requires the tenant or admin groups; with the tenant, groups can come and go in place.
        tenantId: clientConfig(this, this.provider).tenantId,
        ...(props.adminGroupObjectIds && { adminGroupObjectIds: props.adminGroupObjectIds }),
      },
      roleBasedAccessControlEnabled: true,
      localAccountDisabled: !this.access.localAccounts,
      oidcIssuerEnabled: true,
      workloadIdentityEnabled: true,
      runCommandEnabled: false,
      automaticUpgradeChannel: 'patch',
      nodeOsUpgradeChannel: 'NodeImage',
      imageCleanerEnabled: true,
      imageCleanerIntervalHours: 168,
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        networkDataPlane: 'cilium',
        networkPolicy: 'cilium',
        loadBalancerSku: 'standard',
      },
      ...(props.authorizedIpRanges && {
        apiServerAccessProfile: { authorizedIpRanges: props.authorizedIpRanges },
      }),
      defaultNodePool: {
        name: SYSTEM_POOL,
        temporaryNameForRotation: TEMPORARY_SYSTEM_POOL,
        vmSize: props.systemVmSize ?? 'Standard_D2s_v5',
        nodeCount: props.systemNodeCount ?? 2,
        onlyCriticalAddonsEnabled: true,
        upgradeSettings,
        ...(zones && { zones }),
        ...(tags && { tags }),
      },
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
      ...(taint && { nodeTaints: [`${taint.key}=${taint.value}:${taint.effect}`] }),
      upgradeSettings,
      ...(zones && { zones }),
      ...(maxNodeCount !== undefined && {
        autoScalingEnabled: true,
        minCount: nodeCount,
        maxCount: maxNodeCount,
        // The cluster changes it as it scales.
        lifecycle: { ignoreChanges: ['node_count'] },
      }),
    });
    const registries =
      props.containerRegistryIds ??
      (azure?.containerRegistryId !== undefined ? [azure.containerRegistryId] : []);
    this.grants = new ClusterGrants(
      this,
      { kubeletId: this.cluster.kubeletIdentity.objectId, clusterId: this.cluster.identity.principalId },
      this.provider,
    );
    this.pullRoles = registries.map((registryId, index) =>
      this.grants.addPull(this, index === 0 ? 'AcrPull' : `AcrPull${index + 1}`, registryId),
    );
    if (accelerator.isNvidia) {
      this.devicePlugin = new NvidiaDevicePlugin(this, 'NvidiaDevicePlugin', {
        cluster: this,
        ...(props.devicePluginImage !== undefined && { image: props.devicePluginImage }),
      });
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

  get dependables(): ITerraformDependable[] {
    return [this.nodePool, ...(this.devicePlugin ? [this.devicePlugin.daemonSet] : [])];
  }

  kubernetesProvider(scope: Construct): KubernetesProvider {
    const { kubeAdminConfig, kubeConfig } = this.cluster;
    const config = (this.access.localAccounts ? kubeAdminConfig : kubeConfig).get(0);
    return providerIn(scope, this, this.access, config);
  }

  grantPull(scope: Construct, registryId: string): ITerraformDependable[] {
    return this.grants.grantPull(scope, registryId);
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
      throw new ConstructError(this, `${what} is not given; give it, or a workspace on Azure that has it`);
    }
    return value;
  }

  private check(props: ScoringClusterProps, location: string): void {
    const { nodeCount = 1, maxNodeCount, systemNodeCount, skuTier, nodePoolName = DEFAULT_POOL_NAME } = props;
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
    requireAzureName(this, 'nodePoolName', AZURE_NAMES.nodePool, nodePoolName);
    if (RESERVED_POOL_NAMES.includes(nodePoolName)) {
      throw new ConstructError(
        this,
        `nodePoolName is "${nodePoolName}", which the cluster needs itself; give it another`,
      );
    }
    // Patches come by themselves: a patch version would be planned as a downgrade, which AKS refuses.
    requirePattern(
      this,
      'kubernetesVersion',
      props.kubernetesVersion,
      /^\d+\.\d+$/,
      'a minor version, such as 1.33: the cluster installs patches by itself',
    );
    requirePattern(this, 'skuTier', skuTier, /^(Free|Standard|Premium)$/, 'Free, Standard or Premium');
    requirePattern(
      this,
      'location',
      location,
      /^[A-Za-z][A-Za-z0-9 ]*$/,
      'a region of Azure, such as westeurope or "West Europe"',
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
  private readonly capacity: NodePoolCapacity;
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
    this.access = attributes.access ?? ClusterAccess.adminCertificate();
    this.capacity = new NodePoolCapacity(accelerator, attributes.nodeCount, 'nodeCount');
    this.cluster = new DataAzurermKubernetesCluster(this, 'Cluster', {
      name: clusterName,
      resourceGroupName,
      ...(provider && { provider }),
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

  kubernetesProvider(scope: Construct): KubernetesProvider {
    const { kubeAdminConfig, kubeConfig } = this.cluster;
    const [admin, user] = [kubeAdminConfig.get(0), kubeConfig.get(0)];
    // A cluster without Entra has no administrator's configuration: the user's is that.
    const either = (attribute: keyof ClusterConnection) =>
      this.access.localAccounts
        ? Token.asString(Fn.try([admin[attribute], user[attribute]]))
        : user[attribute];
    return providerIn(scope, this, this.access, {
      host: either('host'),
      clusterCaCertificate: either('clusterCaCertificate'),
      clientCertificate: either('clientCertificate'),
      clientKey: either('clientKey'),
    });
  }

  grantPull(scope: Construct, registryId: string): ITerraformDependable[] {
    return this.grants.grantPull(scope, registryId);
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

/** Object ids of a cluster's identities. */
interface ClusterPrincipals {
  /** The kubelet's, which pulls images. */
  readonly kubeletId: string;
  /** The cluster's own, which manages its load balancer. */
  readonly clusterId: string;
}

/** The roles that a cluster has been given: Azure refuses one that is there already. */
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
      ...(this.provider && { provider: this.provider }),
    });
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
      // Entra may not know a new identity yet; the role waits for it.
      skipServicePrincipalAadCheck: true,
      ...(this.provider && { provider: this.provider }),
    });
  }
}

/** A provider belongs to a stack; a cluster's services may be in several, and a stack may use several clusters. */
function providerIn(
  scope: Construct,
  cluster: IScoringCluster,
  access: ClusterAccess,
  connection: ClusterConnection,
): KubernetesProvider {
  const stack = TerraformStack.of(scope);
  const alias = `kubernetes-${nameFromPath(cluster)}`;
  const existing = stack.node.tryFindChild(alias) as KubernetesProvider | undefined;
  return existing ?? new KubernetesProvider(stack, alias, { alias, ...access.providerConfig(connection) });
}
