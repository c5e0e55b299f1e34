import { Fn, Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { DataKubernetesServiceV1 } from '../bindings/kubernetes';
import { Accelerator, type NodeTaint } from '../accelerator/accelerator';
import { kubernetesCertificate } from '../kubernetes/kubernetes-certificate';
import { ClusterAccess } from '../aks/cluster-access';
import type { IScoringCluster } from '../aks/scoring-cluster-reference';
import { requireQuantities } from '../kubernetes/kubernetes-quantity';
import { ScoringCluster } from '../aks/scoring-cluster';
import { AzapiResource } from '../azapi/azapi-resource';
import { limitedName, nameFromPath } from '../azure/derived-name';
import { ConstructError, withConstructPath, requireKnownProps } from '../validation/construct-error';
import { addWarning } from '../validation/warning';
import { dependablesFor } from '../terraform/dependables';
import { requireWriteOnly } from '../terraform/secrets-in-state';
import { requireNumber } from '../validation/synth-value';
import type { ProvidedCertificate } from '../tls-and-keys/provided-certificate';
import type { SslSettings } from '../tls-and-keys/ssl-settings';
import { type IWorkspace, requireAzureWorkspace } from '../workspace/workspace-reference';
import type {
  IAttachedKubernetesCluster,
  InstanceType,
  RouterExposure,
} from './attached-kubernetes-cluster-reference';
import { extensionSettings, furtherSettings } from './azureml-extension-settings';

/** Attributes of a compute that is already attached. */
export interface AttachedKubernetesClusterAttributes {
  readonly workspace: IWorkspace;
  readonly computeName: string;
  /** Instance types that deployments can use. @default - unknown, so deployments must set `instanceType` */
  readonly instanceTypes?: InstanceType[] | undefined;
}

const ATTACHED_KUBERNETES_CLUSTER_ATTRIBUTES: KnownKeys<AttachedKubernetesClusterAttributes> = {
  workspace: true,
  computeName: true,
  instanceTypes: {
    name: true,
    gpus: true,
    cpu: true,
    memory: true,
    cpuLimit: true,
    memoryLimit: true,
    nodeSelector: true,
  },
};

/** Properties of an attached Kubernetes cluster. */
export interface AttachedKubernetesClusterProps {
  /** Workspace to attach the cluster to. Must be on Azure. */
  readonly workspace: IWorkspace;
  /**
   * Certificate of the inference router. Clients call all endpoints by its host name, which must resolve to
   * `routerAddress`. With `SslSettings.disabled()`, keys and responses are sent unencrypted.
   */
  readonly ssl: SslSettings;
  /**
   * Name of the compute: 2 to 16 letters, digits and `-`.
   * @default - derived from the construct's path
   */
  readonly computeName?: string | undefined;
  /**
   * Cluster to attach. Use `ScoringCluster.fromScoringClusterAttributes` for an existing cluster. Local accounts must be
   * enabled, and Azure ML pods must tolerate the node taints.
   * @default - a cluster with a GPU pool is created
   */
  readonly cluster?: IScoringCluster | undefined;
  /**
   * VM size of the nodes of the created cluster.
   * @default 'Standard_NC4as_T4_v3'
   */
  readonly vmSize?: string | undefined;
  /**
   * Number of nodes of the created cluster; with `maxNodeCount`, the minimum number.
   * @default 1
   */
  readonly nodeCount?: number | undefined;
  /**
   * Maximum number of nodes to which the created cluster scales out.
   * @default - `nodeCount`, without autoscaling
   */
  readonly maxNodeCount?: number | undefined;
  /**
   * Whether three inference routers run, each on a separate node, to tolerate the failure of a node.
   * @default - true if the pool is known to have three nodes
   */
  readonly routerHighAvailability?: boolean | undefined;
  /**
   * Whether the router has a private address in the cluster's virtual network.
   * @default false
   */
  readonly internalLoadBalancer?: boolean | undefined;
  /**
   * Instance types that deployments can use. The first is the default.
   * @default - `gpu`, with one GPU, or `cpu` if the nodes have no GPUs
   */
  readonly instanceTypes?: InstanceType[] | undefined;
  /**
   * Namespace of the endpoints' pods. Must exist.
   * @default 'default'
   */
  readonly namespace?: string | undefined;
  /**
   * Release train of the extension: `stable`, or a train provided by Microsoft. A change replaces the extension, and no
   * endpoint is available until it is installed again.
   * @default 'stable'
   */
  readonly releaseTrain?: string | undefined;
  /**
   * Version to which the extension is pinned. A change replaces the extension, and no endpoint is available until it is
   * installed again.
   * @default - the latest version, with automatic upgrades
   */
  readonly extensionVersion?: string | undefined;
  /**
   * Additional settings of the extension, as strings: `{ installPromOp: 'False' }`. Settings that properties control are
   * rejected.
   * @default - none
   */
  readonly extensionSettings?: Record<string, string> | undefined;
  /** @default - none */
  readonly description?: string | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
}

const ATTACHED_KUBERNETES_CLUSTER_PROPS: KnownKeys<AttachedKubernetesClusterProps> = {
  workspace: true,
  ssl: true,
  computeName: true,
  cluster: true,
  vmSize: true,
  nodeCount: true,
  maxNodeCount: true,
  routerHighAvailability: true,
  internalLoadBalancer: true,
  instanceTypes: {
    name: true,
    gpus: true,
    cpu: true,
    memory: true,
    cpuLimit: true,
    memoryLimit: true,
    nodeSelector: true,
  },
  namespace: true,
  releaseTrain: true,
  extensionVersion: true,
  extensionSettings: true,
  description: true,
  tags: true,
};

/** @see https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension (inferenceRouterHA) */
const ROUTERS = 3;

/**
 * The only taint that Azure ML pods tolerate.
 * @see https://learn.microsoft.com/azure/machine-learning/reference-kubernetes#supported-azure-machine-learning-taints-and-tolerations
 */
const AML_TAINT: NodeTaint = { key: 'ml.azure.com/amlarc', value: 'true', effect: 'NoSchedule' };
const AML_TAINTS = 'ml.azure.com/';

const EXTENSION_TYPE = 'Microsoft.KubernetesConfiguration/extensions@2023-05-01';
const COMPUTE_TYPE = 'Microsoft.MachineLearningServices/workspaces/computes@2025-06-01';

/**
 * An AKS cluster to which a workspace deploys online endpoints: the cluster, the NVIDIA device plugin, the extension
 * `Microsoft.AzureML.Kubernetes`, and the attachment with its instance types.
 *
 * The extension requires that the subscription is registered for `Microsoft.KubernetesConfiguration`, which azurerm does not
 * do by default: set `resourceProvidersToRegister: ['Microsoft.KubernetesConfiguration']` of `AzurermProvider`.
 *
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-to-workspace
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-manage-kubernetes-instance-types
 */
export class AttachedKubernetesCluster extends Construct implements IAttachedKubernetesCluster {
  /** Imports a compute that is already attached to the workspace. */
  static fromAttachedKubernetesClusterAttributes(
    scope: Construct,
    id: string,
    attributes: AttachedKubernetesClusterAttributes,
  ): IAttachedKubernetesCluster {
    return new ImportedAttachedKubernetesCluster(scope, id, attributes);
  }

  /**
   * Returns an accelerator for the nodes of a cluster that Azure ML uses: GPUs, with a taint that Azure ML pods tolerate.
   * @throws AcceleratorError if the VM size has no NVIDIA GPUs, like `Accelerator.gpu`
   */
  static gpu(vmSize: string): Accelerator {
    const { devicesPerNode, deviceName, vmSize: size } = Accelerator.gpu(vmSize);
    return Accelerator.custom({
      vmSize: size,
      devicesPerNode,
      resourceName: 'nvidia.com/gpu',
      deviceName,
      taint: AML_TAINT,
    });
  }

  readonly workspace: IWorkspace;
  readonly computeName: string;
  readonly computeId: string;
  readonly cluster?: IScoringCluster | undefined;
  readonly instanceTypes?: InstanceType[] | undefined;
  readonly exposure?: RouterExposure | undefined;
  readonly dependables: ITerraformDependable[];
  readonly extension: AzapiResource;
  readonly resource: AzapiResource;
  private readonly madeOn: IScoringCluster;
  private routerService?: DataKubernetesServiceV1 | undefined;

  constructor(scope: Construct, id: string, props: AttachedKubernetesClusterProps) {
    super(scope, id);
    requireKnownProps(this, props, ATTACHED_KUBERNETES_CLUSTER_PROPS);
    const { workspace, tags, description, internalLoadBalancer = false } = props;
    const azure = requireAzureWorkspace(this, workspace, 'a compute');
    this.workspace = workspace;
    this.computeName = props.computeName ?? limitedName(nameFromPath(this), 16);
    requireComputeName(this, this.computeName);
    // Azure accepts only one of them.
    if (props.releaseTrain !== undefined && props.extensionVersion !== undefined) {
      throw new ConstructError(
        this,
        `releaseTrain is "${props.releaseTrain}" and extensionVersion is "${props.extensionVersion}", but an extension either ` +
          'follows a release train or is pinned to a version; remove one of them',
      );
    }
    const cluster = this.findOrCreate(props);
    const { accelerator, provider } = cluster;
    const instanceTypes = withDefaults(this, cluster, props.instanceTypes);
    this.cluster = this.madeOn = cluster;
    this.instanceTypes = instanceTypes;
    const highAvailability = this.routers(props.routerHighAvailability, cluster.minNodeCount);

    const ssl = props.ssl.bind(this);
    if (ssl) {
      // Azure does not return protected settings, so each plan would contain a change of stored ones.
      requireWriteOnly(this, 'the private key of ssl');
    }
    const certificate = ssl && kubernetesCertificate(this, ssl, provider);
    if (!certificate) {
      addWarning(
        this,
        'TLS is disabled: keys, requests and responses of its endpoints are sent unencrypted; ' +
          'set ssl, for example SslSettings.fromKeyVaultCertificate(…)',
      );
    }
    this.exposure = {
      tls: certificate !== undefined,
      internal: internalLoadBalancer,
      revision: certificate?.revision ?? 'plain',
      rootCertificateFile: ssl?.rootCertificateFile,
    };
    const { clusterId } = cluster;
    // azurerm stores the protected settings of an extension in the state.
    this.extension = new AzapiResource(this, 'Extension', {
      type: EXTENSION_TYPE,
      name: 'azureml',
      parentId: clusterId,
      body: {
        properties: {
          extensionType: 'Microsoft.AzureML.Kubernetes',
          autoUpgradeMinorVersion: props.extensionVersion === undefined,
          ...(props.extensionVersion === undefined
            ? { releaseTrain: props.releaseTrain ?? 'stable' }
            : { version: props.extensionVersion }),
          scope: { cluster: { releaseNamespace: 'azureml' } },
          configurationSettings: {
            ...extensionSettings({
              clusterId,
              clusterName: cluster.clusterName,
              location: cluster.location,
              highAvailability,
              internal: internalLoadBalancer,
              hostname: ssl?.hostname,
            }),
            ...furtherSettings(this, props.extensionSettings),
          },
        },
      },
      // Without versions, each update sends it: Azure would remove what an update omits.
      sensitiveBody: certificate && {
        properties: { configurationProtectedSettings: protectedSettings(certificate) },
      },
      supportsTags: false,
      provider: azure.azapiProvider,
      dependsOn: dependablesFor(this, cluster.dependables),
    });
    this.extension.addOverride('replace_triggers_refs', ['properties.releaseTrain', 'properties.version']);
    // The extension starts a dozen pods, whose images must be pulled first.
    this.extension.addOverride('timeouts', { create: '60m', update: '60m', delete: '60m' });
    const [preferred] = this.instanceTypes;
    this.resource = new AzapiResource(this, 'Compute', {
      type: COMPUTE_TYPE,
      name: this.computeName,
      parentId: azure.workspaceId,
      location: azure.location,
      identity: { type: 'SystemAssigned' },
      body: {
        properties: {
          computeType: 'Kubernetes',
          resourceId: clusterId,
          description,
          properties: {
            namespace: props.namespace ?? 'default',
            defaultInstanceType: preferred.name,
            instanceTypes: Object.fromEntries(
              instanceTypes.map((type) => [type.name, instanceTypeBody(type, accelerator)]),
            ),
          },
        },
      },
      tags,
      provider: azure.azapiProvider,
      dependsOn: [this.extension],
    });
    this.node.defaultChild = this.resource;
    // Azure requires an action for the cluster: detach it. If the stack created it, Terraform destroys it.
    this.resource.addOverride('delete_query_parameters', { underlyingResourceAction: ['Detach'] });
    this.computeId = this.resource.id;
    this.dependables = [this.resource];
  }

  /** IP address of the inference router, to which the certificate's host name must resolve. */
  get routerAddress(): string {
    this.routerService ??= new DataKubernetesServiceV1(this, 'Router', {
      provider: this.madeOn.kubernetesProvider(this),
      metadata: { name: 'azureml-fe', namespace: 'azureml' },
      dependsOn: [this.extension],
      lifecycle: {
        postcondition: [
          {
            condition: '${try(self.status[0].load_balancer[0].ingress[0].ip, "") != ""}',
            errorMessage:
              `${this.node.path}: the inference router azureml-fe in the namespace azureml has no IP address yet; wait until ` +
              '"kubectl get service azureml-fe --namespace azureml" shows one, and apply again',
          },
        ],
      },
    });
    return this.routerService.status.get(0).loadBalancer.get(0).ingress.get(0).ip;
  }

  private findOrCreate(props: AttachedKubernetesClusterProps): IScoringCluster {
    const { cluster, workspace, vmSize, nodeCount, maxNodeCount, tags } = props;
    if (!cluster) {
      return new ScoringCluster(this, 'Cluster', {
        workspace,
        accelerator: withConstructPath(this, () =>
          AttachedKubernetesCluster.gpu(vmSize ?? 'Standard_NC4as_T4_v3'),
        ),
        nodeCount,
        maxNodeCount,
        // Azure ML does not support clusters without local accounts.
        access: ClusterAccess.adminCertificate(),
        tags,
      });
    }
    const given = (['vmSize', 'nodeCount', 'maxNodeCount'] as const).filter(
      (name) => props[name] !== undefined,
    );
    if (given.length > 0) {
      throw new ConstructError(
        this,
        `${given.join(' and ')} ${given.length > 1 ? 'apply' : 'applies'} only to a new cluster, but cluster is set; configure the nodes of that cluster instead`,
      );
    }
    this.checkCluster(cluster);
    return cluster;
  }

  private checkCluster(cluster: IScoringCluster): void {
    const { taint } = cluster.accelerator;
    if (cluster.localAccounts === false) {
      throw new ConstructError(
        this,
        `local accounts of the cluster ${cluster.node.path} are disabled, which Azure ML does not support; ` +
          'set its access to ClusterAccess.adminCertificate()',
      );
    }
    if (!taint || taint.key.startsWith(AML_TAINTS)) {
      return;
    }
    const message =
      `the nodes of ${cluster.node.path} have the taint ${taint.key}=${taint.value}:${taint.effect}, which Azure ML ` +
      'pods do not tolerate, so they would never be scheduled; set its accelerator to AttachedKubernetesCluster.gpu(…)';
    if (cluster.nodeTaints) {
      throw new ConstructError(this, message);
    }
    addWarning(this, message);
  }

  private routers(asked: boolean | undefined, nodes: number | undefined): boolean {
    if (asked === true && nodes !== undefined && nodes < ROUTERS) {
      throw new ConstructError(
        this,
        `routerHighAvailability requires ${ROUTERS} nodes, but the node pool has ${nodes}; ` +
          `raise nodeCount to ${ROUTERS} or set routerHighAvailability to false`,
      );
    }
    return asked ?? (nodes ?? 0) >= ROUTERS;
  }
}

class ImportedAttachedKubernetesCluster extends Construct implements IAttachedKubernetesCluster {
  readonly workspace: IWorkspace;
  readonly computeName: string;
  readonly computeId: string;
  readonly instanceTypes?: InstanceType[] | undefined;
  readonly dependables: ITerraformDependable[] = [];

  constructor(scope: Construct, id: string, attributes: AttachedKubernetesClusterAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, ATTACHED_KUBERNETES_CLUSTER_ATTRIBUTES);
    const { workspace, computeName } = attributes;
    const azure = requireAzureWorkspace(this, workspace, 'a compute');
    requireComputeName(this, computeName);
    this.workspace = workspace;
    this.computeName = computeName;
    this.computeId = `${azure.workspaceId}/computes/${computeName}`;
    this.instanceTypes = attributes.instanceTypes;
  }
}

function protectedSettings({ certificate, privateKey }: ProvidedCertificate): Record<string, string> {
  return {
    'scoringFe.sslCert': Fn.base64encode(certificate),
    'scoringFe.sslKey': Fn.base64encode(privateKey),
  };
}

function withDefaults(
  scope: Construct,
  { accelerator, nodePoolName }: IScoringCluster,
  given: readonly InstanceType[] | undefined,
): InstanceType[] {
  const perNode = accelerator.devicesPerNode;
  const types = given ?? [{ name: accelerator.isNvidia ? 'gpu' : 'cpu' }];
  if (types.length === 0) {
    throw new ConstructError(
      scope,
      'instanceTypes is empty; omit it to use the default, or add an instance type',
    );
  }
  const names = new Set<string>();
  return types.map((type) => {
    const gpus = type.gpus ?? (accelerator.isNvidia ? 1 : 0);
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(type.name) || names.has(type.name)) {
      throw new ConstructError(
        scope,
        names.has(type.name)
          ? `two instance types have the name "${type.name}"; set a unique name for each`
          : `the name of an instance type is "${type.name}"; expected 1 to 63 lowercase letters, digits and "-"`,
      );
    }
    names.add(type.name);
    requireNumber(
      scope,
      `gpus of the instance type "${type.name}"`,
      gpus,
      Token.isUnresolved(perNode)
        ? wholeNumber(0)
        : {
            ...wholeNumber(0, perNode),
            expected: `a whole number from 0 to ${perNode}, the number of GPUs of a ${accelerator.vmSize} node`,
          },
    );
    const quantities = {
      cpu: type.cpu ?? '1',
      memory: type.memory ?? '4Gi',
      cpuLimit: type.cpuLimit ?? '2',
      memoryLimit: type.memoryLimit ?? '8Gi',
    };
    requireQuantities(scope, ` of the instance type "${type.name}"`, quantities);
    return {
      name: type.name,
      gpus,
      ...quantities,
      nodeSelector:
        type.nodeSelector ??
        (nodePoolName === undefined ? {} : { 'kubernetes.azure.com/agentpool': nodePoolName }),
    };
  });
}

function instanceTypeBody(type: InstanceType, { isNvidia }: Accelerator): Record<string, unknown> {
  const { cpu, memory, cpuLimit, memoryLimit, gpus, nodeSelector = {} } = type;
  return {
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    resources: {
      requests: { cpu, memory },
      limits: { cpu: cpuLimit, memory: memoryLimit, ...(isNvidia && { 'nvidia.com/gpu': String(gpus) }) },
    },
  };
}

function requireComputeName(scope: Construct, name: string): void {
  // Older tools accept at most 16 characters. @see https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas
  if (!Token.isUnresolved(name) && !/^[A-Za-z][A-Za-z0-9-]{0,14}[A-Za-z0-9]$/.test(name)) {
    throw new ConstructError(
      scope,
      `computeName is "${name}"; expected 2 to 16 letters, digits and "-", starting with a letter, not ending with "-"`,
    );
  }
}
