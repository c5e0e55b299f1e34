import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { ModelServer, brainwaveStages, requireSoftware } from '../accelerator/model-server';
import type { ICompute, WebserviceSpecification } from '../webservice/compute';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { ScoringImage } from '../image/scoring-image';
import type { IScoringImage } from '../image/scoring-image-reference';
import { requireNumber, requirePattern } from '../validation/synth-value';
import { servicePort } from '../webservice/service-port';
import type { WebserviceEndpoint } from '../webservice/webservice';
import { AksService } from './aks-service';
import { knownResources, type ContainerResources } from '../kubernetes/container-resources';
import { addWarning } from '../validation/warning';
import { PublicAddress } from './public-address';
import type { IScoringCluster } from './scoring-cluster-reference';

/** Autoscaling of the replicas with the load. */
export interface AksAutoscaling {
  /** Maximum number of replicas; the minimum is `replicas` of the service. */
  readonly maxReplicas: number;
  /**
   * Target average CPU utilization, in percent of the requested CPU.
   * @default 70
   */
  readonly cpuUtilizationPercent?: number | undefined;
}

/**
 * Pod Security Standard that a namespace enforces.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export enum PodSecurity {
  RESTRICTED = 'restricted',
  BASELINE = 'baseline',
  PRIVILEGED = 'privileged',
}

/** Cluster, containers and network settings of a service on AKS. */
export interface AksComputeProps {
  /** Cluster that runs the service. */
  readonly cluster: IScoringCluster;
  /**
   * Image of the scoring server.
   * @default - an image that contains the model, built by the workspace's container registry
   */
  readonly image?: IScoringImage | undefined;
  /**
   * Model server that runs the model's `brainwave` stages.
   * @default - ModelServer.triton() on NVIDIA GPUs; on CPUs, the scoring server runs the stages' software
   */
  readonly modelServer?: ModelServer | undefined;
  /**
   * Port that clients connect to.
   * @default - 443 with TLS, 80 without
   */
  readonly port?: number | undefined;
  /** @default - a fixed number of replicas */
  readonly autoscaling?: AksAutoscaling | undefined;
  /** Static public IP address of the service. @default PublicAddress.inNodeResourceGroup() */
  readonly publicAddress?: PublicAddress | undefined;
  /**
   * Client address ranges that can reach the service, as IPv4 CIDRs.
   * @default - any address
   */
  readonly allowedSourceRanges?: string[] | undefined;
  /** Requests and limits of the scoring server. @default - 1 to 2 cores, 1 to 2 GiB */
  readonly resources?: ContainerResources | undefined;
  /**
   * Name of an existing namespace.
   * @default - a new namespace for the service
   */
  readonly namespace?: string | undefined;
  /** Pod Security Standard that the new namespace enforces. @default PodSecurity.RESTRICTED */
  readonly podSecurity?: PodSecurity | undefined;
  /** Tags of the IP address. @default - none */
  readonly tags?: Record<string, string> | undefined;
}

const AKS_COMPUTE_PROPS: KnownKeys<AksComputeProps> = {
  cluster: true,
  image: true,
  modelServer: true,
  port: true,
  autoscaling: { maxReplicas: true, cpuUtilizationPercent: true },
  publicAddress: true,
  allowedSourceRanges: true,
  resources: { cpuCores: true, cpuLimitCores: true, memoryMiB: true, memoryLimitMiB: true },
  namespace: true,
  podSecurity: true,
  tags: true,
};

const SCORING_RESOURCES = { cpuCores: 1, cpuLimitCores: 2, memoryMiB: 1024, memoryLimitMiB: 2048 };
const MODEL_SERVER_RESOURCES = { cpuCores: 1, cpuLimitCores: 3, memoryMiB: 4096, memoryLimitMiB: 16_384 };

/**
 * Runs a web service on AKS. Each pod contains the scoring server and, for an accelerator, a model server.
 *
 * Enabling TLS or changing the certificate, the keys, the model or the number of replicas updates the service in place:
 * pods are replaced one at a time, and the IP address does not change. Terraform reads a certificate from Key Vault and
 * passes it to the pods as a Kubernetes Secret. The private key is therefore in the Terraform state, as is a key from a
 * file or a variable, and a renewed certificate is deployed by the next apply.
 *
 * `AksService.of(service)` returns the declared resources.
 */
export class AksCompute implements ICompute {
  constructor(private readonly props: AksComputeProps) {}

  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    requireKnownProps(scope, this.props, AKS_COMPUTE_PROPS);
    const { cluster, allowedSourceRanges, namespace, tags } = this.props;
    const { model, ssl, replicas } = specification;
    this.check(scope, specification);
    const { accelerator } = cluster;
    const hasDevices = accelerator.resourceName !== undefined;
    const server = this.props.modelServer ?? (accelerator.isNvidia ? ModelServer.triton() : undefined);
    if (hasDevices && !server) {
      throw new ConstructError(
        scope,
        `the cluster's nodes have ${accelerator.deviceName} (${accelerator.resourceName}), but no model server uses them; ` +
          'set modelServer: ModelServer.custom(…)',
      );
    }
    if (!server) {
      requireSoftware(
        scope,
        model,
        'add software to the stage to run it on CPUs, or set modelServer: ModelServer.custom(…) to a model server that runs it',
      );
    }
    if (hasDevices && model.serviceDefinition && brainwaveStages(model).length === 0) {
      addWarning(
        scope,
        `the model "${model.modelName}" has no brainwave stage, so its ${accelerator.deviceName} stay unused; ` +
          'use Accelerator.cpu(), or make the stage a brainwave stage',
      );
    }
    const container = server?.bind(scope, model);
    const { autoscaling } = this.props;
    if (container && hasDevices) {
      cluster.claimDevices(scope, {
        property: autoscaling ? 'maxReplicas' : 'replicas',
        replicas: autoscaling?.maxReplicas ?? replicas,
        devicesPerReplica: container.devices,
        devicesProperty: 'devices',
      });
    }
    const service = AksService._declare(scope, 'Aks', {
      cluster,
      specification,
      image: this.props.image ?? new ScoringImage(scope, 'Image', { model }),
      modelServer: container && {
        ...container,
        knownResources: knownResources(
          scope,
          "the model server's resources",
          container.resources,
          MODEL_SERVER_RESOURCES,
        ),
      },
      replicas: {
        minimum: replicas,
        maximum: autoscaling?.maxReplicas,
        cpuUtilizationPercent: autoscaling?.cpuUtilizationPercent ?? 70,
      },
      port: servicePort(scope, this.props.port, ssl !== undefined),
      resources: knownResources(scope, 'resources', this.props.resources, SCORING_RESOURCES),
      publicAddress: this.props.publicAddress ?? PublicAddress.inNodeResourceGroup(),
      podSecurity: this.props.podSecurity ?? PodSecurity.RESTRICTED,
      namespace,
      allowedSourceRanges,
      tags,
    });
    return service.endpoint;
  }

  private check(scope: Construct, { replicas }: WebserviceSpecification): void {
    const { autoscaling, namespace, allowedSourceRanges = [] } = this.props;
    if (autoscaling) {
      const { maxReplicas, cpuUtilizationPercent } = autoscaling;
      const minReplicas = Token.isUnresolved(replicas) ? 1 : replicas;
      requireNumber(scope, 'maxReplicas', maxReplicas, {
        ...wholeNumber(minReplicas),
        expected: `a whole number of at least ${minReplicas} (replicas)`,
      });
      requireNumber(scope, 'cpuUtilizationPercent', cpuUtilizationPercent, wholeNumber(1, 100));
    }
    requirePattern(
      scope,
      'namespace',
      namespace,
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
      '1 to 63 lowercase letters, digits and "-", starting and ending with a letter or digit',
    );
    const broken = allowedSourceRanges.find(
      (range) => !Token.isUnresolved(range) && !/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(range),
    );
    if (broken !== undefined) {
      throw new ConstructError(
        scope,
        `allowedSourceRanges contains "${broken}"; expected IPv4 CIDRs, such as 203.0.113.0/24`,
      );
    }
  }
}
