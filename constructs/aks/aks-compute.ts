import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { ModelServer, brainwaveStages, requireStages } from '../accelerator/model-server';
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

/** Replicas that come and go with the load. */
export interface AksAutoscaling {
  /** Maximum number of replicas; the minimum is `replicas` of the service. */
  readonly maxReplicas: number;
  /**
   * Target average CPU utilization, in percent of the requested CPU.
   * @default 70
   */
  readonly cpuUtilizationPercent?: number | undefined;
}

/** What pods of a service's namespace may do, as Kubernetes' Pod Security Standards name it. */
export enum PodSecurity {
  RESTRICTED = 'restricted',
  BASELINE = 'baseline',
  PRIVILEGED = 'privileged',
}

/** Where on a cluster a service runs, and how it is reached. */
export interface AksComputeProps {
  readonly cluster: IScoringCluster;
  /** @default - an image of the scoring server with the model in it, built in the workspace's registry */
  readonly image?: IScoringImage | undefined;
  /**
   * What runs the model's `brainwave` stages.
   * @default - ModelServer.triton() on GPUs; on CPUs the scoring server runs the stages' software
   */
  readonly modelServer?: ModelServer | undefined;
  /**
   * The port that clients call.
   * @default - 443 with TLS, 80 without
   */
  readonly port?: number | undefined;
  /** @default - the service's `replicas`, always */
  readonly autoscaling?: AksAutoscaling | undefined;
  /** Where the service's IP address is kept. @default PublicAddress.inNodeResourceGroup() */
  readonly publicAddress?: PublicAddress | undefined;
  /**
   * CIDRs that may call.
   * @default - anybody, with a key
   */
  readonly allowedSourceRanges?: string[] | undefined;
  /** What the scoring server may use. @default - 1 to 2 cores, 1 to 2 GiB */
  readonly resources?: ContainerResources | undefined;
  /**
   * A namespace that exists.
   * @default - one of the service's own
   */
  readonly namespace?: string | undefined;
  /** What the service's own namespace enforces. @default PodSecurity.RESTRICTED */
  readonly podSecurity?: PodSecurity | undefined;
  /** Of the IP address. @default - none */
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
 * Runs a web service on AKS: the scoring server and, for an accelerator, a model server beside it in each pod.
 *
 * Turning TLS on, and another certificate, key, model or number of replicas, change it in place: its pods are
 * replaced one after the other, and its IP address stays. A certificate of a Key Vault is read by Terraform and
 * handed to the pods as a Kubernetes secret: its private key is in Terraform's state, as is one that comes from a
 * file or a variable, and a renewed one arrives with the next apply.
 *
 * `AksService.of(service)` has the resources themselves.
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
        `the cluster's nodes have ${accelerator.deviceName} (${accelerator.resourceName}) and nothing that uses them; ` +
          'give the compute an image for them: modelServer: ModelServer.custom(…)',
      );
    }
    if (!server) {
      requireStages(scope, model, (stage) =>
        stage.software
          ? undefined
          : 'nothing on CPUs can run it: give the stage software, or the compute an image that runs it: ' +
            'modelServer: ModelServer.custom(…)',
      );
    }
    if (hasDevices && model.serviceDefinition && brainwaveStages(model).length === 0) {
      addWarning(
        scope,
        `the model "${model.modelName}" has no brainwave stage: its ${accelerator.deviceName} stay unused; ` +
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
      ...(container && {
        modelServer: {
          ...container,
          knownResources: knownResources(
            scope,
            "the model server's resources",
            container.resources,
            MODEL_SERVER_RESOURCES,
          ),
        },
      }),
      replicas: {
        minimum: replicas,
        ...(autoscaling && { maximum: autoscaling.maxReplicas }),
        cpuUtilizationPercent: autoscaling?.cpuUtilizationPercent ?? 70,
      },
      port: servicePort(scope, this.props.port, ssl !== undefined),
      resources: knownResources(scope, 'resources', this.props.resources, SCORING_RESOURCES),
      publicAddress: this.props.publicAddress ?? PublicAddress.inNodeResourceGroup(),
      podSecurity: this.props.podSecurity ?? PodSecurity.RESTRICTED,
      ...(namespace !== undefined && { namespace }),
      ...(allowedSourceRanges && { allowedSourceRanges }),
      ...(tags && { tags }),
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
      '1 to 63 lower-case letters, digits and "-", with a letter or a digit first and last',
    );
    const broken = allowedSourceRanges.find(
      (range) => !Token.isUnresolved(range) && !/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(range),
    );
    if (broken !== undefined) {
      throw new ConstructError(
        scope,
        `allowedSourceRanges has "${broken}"; expected CIDRs, such as 203.0.113.0/24`,
      );
    }
  }
}
