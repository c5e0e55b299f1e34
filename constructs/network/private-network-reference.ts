import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { IConstruct } from 'constructs';

/** How traffic from nodes leaves the network. @see https://learn.microsoft.com/azure/aks/egress-outboundtype */
export enum OutboundType {
  /** Through a load balancer of the cluster, whose public IP address AKS manages. */
  LOAD_BALANCER = 'loadBalancer',
  /** Through a route table of the nodes' subnet, which leads to a firewall. */
  USER_DEFINED_ROUTING = 'userDefinedRouting',
  /** Through a NAT gateway of the nodes' subnet. */
  NAT_GATEWAY = 'userAssignedNATGateway',
}

/** A virtual network on Azure with the subnets of a private service. */
export interface IPrivateNetwork extends IConstruct {
  /** ARM id. */
  readonly virtualNetworkId: string;
  /** Resource group of the virtual network. */
  readonly resourceGroupName: string;
  /** ARM id of the subnet of cluster nodes and virtual machines. */
  readonly nodeSubnetId: string;
  /** ARM id of the subnet of private endpoints. */
  readonly endpointSubnetId: string;
  /** ARM id of the subnet of internal load balancers and Private Link services. */
  readonly serviceSubnetId: string;
  /**
   * ARM id of the subnet of machines that build images.
   * @default - images are built elsewhere
   */
  readonly buildSubnetId?: string | undefined;
  readonly outboundType: OutboundType;
  /** ARM ids of other networks that resolve private names, such as that of the pipeline. */
  readonly peerNetworkIds: string[];
  /** Resources that connect the network with others, and that machines in it need to reach what they pull. */
  readonly dependables: ITerraformDependable[];
  /** @default - the provider without an alias */
  readonly provider?: TerraformProvider | undefined;
}
