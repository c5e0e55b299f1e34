import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import type { IScoringImage } from '../image/scoring-image-reference';
import { Exposure } from '../kubernetes/exposure';
import {
  BASE_KUBERNETES_COMPUTE_PROPS,
  bindToKubernetes,
  type BaseKubernetesComputeProps,
} from '../kubernetes/kubernetes-compute';
import { requireKnownProps } from '../validation/construct-error';
import type { ICompute, WebserviceSpecification } from '../webservice/compute';
import type { WebserviceEndpoint } from '../webservice/webservice';
import { PublicAddress } from './public-address';
import type { IScoringCluster } from './scoring-cluster-reference';

/** Cluster, containers and network settings of a service on AKS. */
export interface AksComputeProps extends BaseKubernetesComputeProps {
  /** Cluster that runs the service. */
  readonly cluster: IScoringCluster;
  /**
   * Image of the scoring server.
   * @default - an image that contains the model, built by the workspace's container registry
   */
  readonly image?: IScoringImage | undefined;
  /**
   * How callers reach the service.
   * @default PublicAddress.inClusterResourceGroup(); Exposure.internalLoadBalancer() in an isolated cluster
   */
  readonly exposure?: Exposure | undefined;
}

const AKS_COMPUTE_PROPS: KnownKeys<AksComputeProps> = {
  cluster: true,
  image: true,
  exposure: true,
  ...BASE_KUBERNETES_COMPUTE_PROPS,
};

/**
 * Runs a web service on AKS: like `KubernetesCompute`, with an image that the workspace's registry builds and that the
 * cluster is allowed to pull, with a static public IP address, and with certificates from Key Vault. Terraform reads such a
 * certificate and passes it to the pods as a Kubernetes Secret. The private key is therefore in the Terraform state, as is
 * a key from a file or a variable, and a renewed certificate is deployed by the next apply.
 *
 * `KubernetesService.of(service)` returns the declared resources.
 */
export class AksCompute implements ICompute {
  constructor(private readonly props: AksComputeProps) {}

  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    requireKnownProps(scope, this.props, AKS_COMPUTE_PROPS);
    const { cluster } = this.props;
    const isIsolated = cluster.serviceSubnetName !== undefined;
    const {
      exposure = isIsolated ? Exposure.internalLoadBalancer() : PublicAddress.inClusterResourceGroup(),
    } = this.props;
    return bindToKubernetes(scope, 'Aks', specification, {
      ...this.props,
      exposure,
      azureProvider: cluster.provider,
    });
  }
}
