import type { KubernetesProvider, KubernetesProviderConfig } from '@cdktf/provider-kubernetes/lib/provider';
import type { ITerraformDependable } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { Accelerator, type NodeTaint } from '../accelerator/accelerator';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';
import { providerIn } from './cluster-provider';
import { DeviceCapacity, type DeviceClaim } from './device-capacity';
import type { KubernetesAccess } from './kubernetes-access';
import type { IKubernetesCluster } from './kubernetes-cluster-reference';
import { NvidiaDevicePlugin } from './nvidia-device-plugin';

/** Access to a cluster, and its nodes. */
export interface KubernetesClusterProps {
  /** How to sign in: `KubernetesAccess.kubeconfig()` for a cluster that `kubectl` reaches. */
  readonly access: KubernetesAccess;
  /** Accelerator of the nodes that run models. @default Accelerator.cpu() */
  readonly accelerator?: Accelerator | undefined;
  /**
   * Number of nodes with the accelerator, to check at synth whether its devices are enough.
   * @default - not checked
   */
  readonly nodeCount?: number | undefined;
  /** Labels of the nodes that run models. @default - pods run on any node */
  readonly nodeSelector?: Record<string, string> | undefined;
  /** Taints that the pods tolerate. @default - the taint of the accelerator */
  readonly tolerations?: NodeTaint[] | undefined;
  /**
   * Names of Secrets of the type `kubernetes.io/dockerconfigjson` in the services' namespaces.
   * @default - the nodes can pull the images
   */
  readonly imagePullSecrets?: string[] | undefined;
  /**
   * Whether to deploy NVIDIA's device plugin. EKS' and GKE's GPU nodes and NVIDIA's operator bring their own.
   * @default false
   */
  readonly devicePlugin?: boolean | undefined;
  /** Resources that must exist before pods can run. @default - none */
  readonly dependables?: ITerraformDependable[] | undefined;
}

const KUBERNETES_CLUSTER_PROPS: KnownKeys<KubernetesClusterProps> = {
  access: true,
  accelerator: true,
  nodeCount: true,
  nodeSelector: true,
  tolerations: true,
  imagePullSecrets: true,
  devicePlugin: true,
  dependables: true,
};

/** An existing Kubernetes cluster: kind, k3s, EKS, GKE or on premises. For AKS, see `ScoringCluster`. */
export class KubernetesCluster extends Construct implements IKubernetesCluster {
  readonly accelerator: Accelerator;
  readonly nodeSelector?: Record<string, string> | undefined;
  readonly tolerations?: NodeTaint[] | undefined;
  readonly imagePullSecrets?: string[] | undefined;
  readonly providerConfig: KubernetesProviderConfig;
  /** @default - the cluster needs none, or has its own */
  readonly devicePlugin?: NvidiaDevicePlugin | undefined;
  private readonly capacity: DeviceCapacity;
  private readonly given: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: KubernetesClusterProps) {
    super(scope, id);
    requireKnownProps(this, props, KUBERNETES_CLUSTER_PROPS);
    const { access, accelerator = Accelerator.cpu(), nodeCount, dependables = [] } = props;
    // Without a type checker it may be missing.
    if ((access as KubernetesAccess | undefined) === undefined) {
      throw new ConstructError(
        this,
        'access is missing; set access: KubernetesAccess.kubeconfig() for a cluster that kubectl reaches',
      );
    }
    requireNumber(this, 'nodeCount', nodeCount, wholeNumber(1));
    this.accelerator = accelerator;
    this.nodeSelector = props.nodeSelector;
    this.tolerations = props.tolerations;
    this.imagePullSecrets = props.imagePullSecrets;
    this.providerConfig = access.bind(this);
    this.given = dependables;
    this.capacity = new DeviceCapacity(accelerator, nodeCount, 'nodeCount');
    if (props.devicePlugin) {
      this.devicePlugin = new NvidiaDevicePlugin(this, 'NvidiaDevicePlugin', {
        cluster: this,
        nodeSelector: props.nodeSelector,
      });
    }
  }

  get dependables(): ITerraformDependable[] {
    return [...this.given, ...(this.devicePlugin ? [this.devicePlugin.daemonSet] : [])];
  }

  kubernetesProvider(scope: Construct): KubernetesProvider {
    return providerIn(scope, this);
  }

  /** Returns nothing: nodes pull with `imagePullSecrets`, or need no permission. jsii requires both parameters. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  grantPull(_scope: Construct, _registryId: string): ITerraformDependable[] {
    return [];
  }

  claimDevices(service: IConstruct, claim: DeviceClaim): void {
    this.capacity.claim(service, claim);
  }

  hasRoomFor(devices: number): boolean {
    return this.capacity.hasRoomFor(devices);
  }
}
