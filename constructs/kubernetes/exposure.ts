import type { ServiceV1, ServiceV1Spec } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { wholeNumber } from '../../lib/validation/number-range';
import { AddressType } from '../webservice/webservice';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber, requirePattern } from '../validation/synth-value';
import type { IKubernetesCluster } from './kubernetes-cluster-reference';

/**
 * Which nodes pass a caller's connection on.
 * @see https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/#preserving-the-client-source-ip
 */
export enum ExternalTrafficPolicy {
  /** Every node. Connections spread evenly; the server sees a node's address in the log and throttles by it. */
  CLUSTER = 'Cluster',
  /** Nodes that run a replica. The server sees the callers' addresses; nodes with more replicas are not preferred. */
  LOCAL = 'Local',
}

/** What a Service needs from its exposure. */
export interface ExposedService {
  /** `LoadBalancer`, `NodePort` or `ClusterIP`. */
  readonly type: string;
  /** @default - none */
  readonly annotations?: Record<string, string> | undefined;
  /** Port of every node. NodePort only. @default - chosen by the cluster */
  readonly nodePort?: number | undefined;
  /** Resources that the Service needs. @default - none */
  readonly dependables?: ITerraformDependable[] | undefined;
  /** Address that callers use. @default - that of the load balancer, from the status of the Service */
  readonly address?: string | undefined;
  /** @default AddressType.IPV4 */
  readonly addressType?: AddressType | undefined;
  /**
   * Whether only callers in a private network, or in the cluster, reach the address. A smoke test then runs in the cluster.
   * @default - not known
   */
  readonly isPrivate?: boolean | undefined;
}

/** Options of a load balancer. */
export interface LoadBalancerProps {
  /**
   * Kind of address that the load balancer gets: `HOSTNAME` on EKS, an IP address nearly everywhere else. DNS records
   * depend on it.
   * @default AddressType.IPV4
   */
  readonly addressType?: AddressType | undefined;
  /** Annotations that the cluster's cloud reads. @default - none */
  readonly annotations?: Record<string, string> | undefined;
}

/** Options of an internal load balancer on Azure. */
export interface InternalLoadBalancerProps {
  /**
   * Subnet of the address, in the cluster's virtual network.
   * @default - that of a private network for such addresses; else the subnet of the nodes
   */
  readonly subnetName?: string | undefined;
  /** Static private address in the subnet. @default - chosen by Azure */
  readonly ipAddress?: string | undefined;
  /**
   * Private Link service in front of the load balancer, through which callers in other virtual networks and subscriptions reach
   * the service over their own private endpoints.
   * @default - none; callers need a route to the load balancer's network
   */
  readonly privateLinkService?: PrivateLinkServiceProps | undefined;
}

/** A Private Link service, which AKS manages in the node resource group. */
export interface PrivateLinkServiceProps {
  /** 1 to 80 letters, digits, `_`, `.` and `-`. Changing it replaces the Private Link service, and callers must connect anew. */
  readonly name: string;
  /**
   * Subnet from which callers' connections reach the service.
   * @default - that of the load balancer's address
   */
  readonly subnetName?: string | undefined;
  /**
   * Number of addresses in the subnet, 1 to 8. Each allows about 64,000 connections.
   * @default 1
   */
  readonly addressCount?: number | undefined;
  /**
   * IDs of the subscriptions that can find the service; `*` for all.
   * @default - only callers with a role on the Private Link service
   */
  readonly visibleTo?: string[] | undefined;
  /**
   * IDs of the subscriptions whose connections need no approval, among `visibleTo`.
   * @default - each connection must be approved
   */
  readonly approvedSubscriptions?: string[] | undefined;
}

/** Options of a port on every node. */
export interface NodePortProps {
  /** Address of a node, as callers reach it. */
  readonly address: string;
  /** 30000 to 32767. @default - chosen by the cluster */
  readonly nodePort?: number | undefined;
}

/**
 * How callers reach a service on Kubernetes. To add an exposure, implement `bind`.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
 */
export abstract class Exposure {
  /** A load balancer of the cluster's cloud, or of MetalLB and k3s. The cloud chooses its address. */
  static loadBalancer(props: LoadBalancerProps = {}): Exposure {
    return new KnownExposure(props, { addressType: true, annotations: true }, () => ({
      type: 'LoadBalancer',
      ...props,
    }));
  }

  /**
   * A load balancer with a private address, on AKS.
   * @see https://learn.microsoft.com/azure/aks/internal-lb
   */
  static internalLoadBalancer(props: InternalLoadBalancerProps = {}): Exposure {
    return new KnownExposure(props, INTERNAL_LOAD_BALANCER_PROPS, (scope, cluster) => {
      const prefix = `${AZURE_ANNOTATION}/azure-load-balancer`;
      const { ipAddress, privateLinkService, subnetName = cluster.serviceSubnetName } = props;
      return {
        type: 'LoadBalancer',
        annotations: {
          [`${prefix}-internal`]: 'true',
          ...(subnetName !== undefined && { [`${prefix}-internal-subnet`]: subnetName }),
          ...(ipAddress !== undefined && { [`${prefix}-ipv4`]: ipAddress }),
          ...(privateLinkService && privateLinkAnnotations(scope, privateLinkService, subnetName)),
        },
        isPrivate: true,
      };
    });
  }

  /** A port on every node, for clusters without load balancers: kind, k3s, a laboratory. */
  static nodePort(props: NodePortProps): Exposure {
    return new KnownExposure(props, { address: true, nodePort: true }, (scope) => {
      requireNumber(scope, 'nodePort', props.nodePort, wholeNumber(30_000, 32_767));
      return { type: 'NodePort', ...props };
    });
  }

  /**
   * An address inside the cluster. Callers must run in the cluster, too, as the smoke test does.
   */
  static clusterIp(): Exposure {
    return new KnownExposure({}, {}, () => ({ type: 'ClusterIP', isPrivate: true }));
  }

  /**
   * Declares what the exposure needs.
   * @param scope the service on Kubernetes, which owns the declared resources
   * @throws ConstructError if the cluster does not support the exposure
   */
  abstract bind(scope: Construct, cluster: IKubernetesCluster): ExposedService;
}

class KnownExposure<Props extends object> extends Exposure {
  constructor(
    private readonly props: Props,
    private readonly known: KnownKeys<Props>,
    private readonly exposed: (scope: Construct, cluster: IKubernetesCluster) => ExposedService,
  ) {
    super();
  }

  bind(scope: Construct, cluster: IKubernetesCluster): ExposedService {
    requireKnownProps(scope, this.props, this.known);
    return this.exposed(scope, cluster);
  }
}

const AZURE_ANNOTATION = 'service.beta.kubernetes.io';

const INTERNAL_LOAD_BALANCER_PROPS: KnownKeys<InternalLoadBalancerProps> = {
  subnetName: true,
  ipAddress: true,
  privateLinkService: {
    name: true,
    subnetName: true,
    addressCount: true,
    visibleTo: true,
    approvedSubscriptions: true,
  },
};

/** @see https://cloud-provider-azure.sigs.k8s.io/topics/pls-integration/ */
function privateLinkAnnotations(
  scope: Construct,
  props: PrivateLinkServiceProps,
  loadBalancerSubnet: string | undefined,
): Record<string, string> {
  const { name, addressCount, visibleTo = [], approvedSubscriptions = [] } = props;
  const { subnetName = loadBalancerSubnet } = props;
  requirePattern(
    scope,
    'privateLinkService.name',
    name,
    /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$/,
    '1 to 80 letters, digits, "_", "." and "-", starting with a letter or digit, ending with those or "_"',
  );
  requireNumber(scope, 'privateLinkService.addressCount', addressCount, wholeNumber(1, 8));
  const hidden = approvedSubscriptions.find((id) => !visibleTo.includes(id) && !visibleTo.includes('*'));
  if (hidden !== undefined) {
    throw new ConstructError(
      scope,
      `privateLinkService.approvedSubscriptions contains "${hidden}", but visibleTo does not, so the subscription could not find ` +
        'the service; add it to visibleTo',
    );
  }
  const prefix = `${AZURE_ANNOTATION}/azure-pls`;
  return {
    [`${prefix}-create`]: 'true',
    [`${prefix}-name`]: name,
    ...(subnetName !== undefined && { [`${prefix}-ip-configuration-subnet`]: subnetName }),
    ...(addressCount !== undefined && { [`${prefix}-ip-configuration-ip-address-count`]: `${addressCount}` }),
    ...(visibleTo.length > 0 && { [`${prefix}-visibility`]: visibleTo.join(' ') }),
    ...(approvedSubscriptions.length > 0 && {
      [`${prefix}-auto-approval`]: approvedSubscriptions.join(' '),
    }),
  };
}

/** Settings of the Service that not every exposure supports. @internal */
export interface ExposureSettings {
  readonly externalTrafficPolicy?: string | undefined;
  readonly allowedSourceRanges?: readonly string[] | undefined;
}

/**
 * Rejects settings that the API server rejects for a type of Service.
 * @throws ConstructError
 * @internal
 */
export function requireExposureSettings(
  scope: Construct,
  { type }: ExposedService,
  { externalTrafficPolicy, allowedSourceRanges }: ExposureSettings,
): void {
  if (allowedSourceRanges !== undefined && type !== 'LoadBalancer') {
    throw new ConstructError(
      scope,
      `allowedSourceRanges applies only to load balancers, but the exposure is a ${type}; remove it, or use ` +
        'Exposure.loadBalancer()',
    );
  }
  if (externalTrafficPolicy !== undefined && type === 'ClusterIP') {
    throw new ConstructError(
      scope,
      'externalTrafficPolicy applies only to load balancers and node ports, but the exposure is a ClusterIP; remove it, ' +
        'or use Exposure.loadBalancer()',
    );
  }
}

/** Returns the specification of a Service that is exposed, without its selector. @internal */
export function serviceSpec(
  { type, nodePort }: ExposedService,
  port: number,
  targetPort: number,
): Pick<ServiceV1Spec, 'type' | 'port'> {
  return { type, port: [{ name: 'grpc', port, targetPort: `${targetPort}`, nodePort, protocol: 'TCP' }] };
}

/** Returns the address and the port that callers use. @internal */
export function exposedAddress(
  exposed: ExposedService,
  service: ServiceV1,
  port: number,
): { readonly address: string; readonly port: number } {
  const { type, addressType } = exposed;
  if (type === 'NodePort') {
    return { address: exposed.address ?? '', port: exposed.nodePort ?? service.spec.port.get(0).nodePort };
  }
  if (type === 'ClusterIP') {
    return { address: service.spec.clusterIp, port };
  }
  const ingress = service.status.get(0).loadBalancer.get(0).ingress.get(0);
  return {
    address: exposed.address ?? (addressType === AddressType.HOSTNAME ? ingress.hostname : ingress.ip),
    port,
  };
}
