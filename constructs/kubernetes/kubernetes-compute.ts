import { Token, type TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { ModelServer, brainwaveStages, requireSoftware } from '../accelerator/model-server';
import { ScoringImage } from '../image/scoring-image';
import type { IScoringImage } from '../image/scoring-image-reference';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requirePattern } from '../validation/synth-value';
import { addWarning } from '../validation/warning';
import type { ICompute, WebserviceSpecification } from '../webservice/compute';
import { servicePort } from '../webservice/service-port';
import type { WebserviceEndpoint } from '../webservice/webservice';
import type { Autoscaling } from './autoscaling';
import { knownResources, type ContainerResources } from '../accelerator/container-resources';
import { Exposure, type ExternalTrafficPolicy } from './exposure';
import type { IKubernetesCluster } from './kubernetes-cluster-reference';
import { KubernetesService } from './kubernetes-service';
import { Rollout } from './rollout';

/**
 * Pod Security Standard that a namespace enforces.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export enum PodSecurity {
  RESTRICTED = 'restricted',
  BASELINE = 'baseline',
  PRIVILEGED = 'privileged',
}

/** Properties that all computes on Kubernetes have in common. */
export interface BaseKubernetesComputeProps {
  /**
   * Model server that runs the model's `brainwave` stages.
   * @default - ModelServer.triton() on NVIDIA GPUs; on CPUs, the scoring server runs the stages' software
   */
  readonly modelServer?: ModelServer | undefined;
  /**
   * Port that clients connect to.
   * @default - 443 with TLS, 80 without; of Exposure.nodePort(), the port of the node
   */
  readonly port?: number | undefined;
  /** @default - a fixed number of replicas */
  readonly autoscaling?: Autoscaling | undefined;
  /**
   * How a change replaces what serves. Rolling needs no spare capacity and never stops serving; choose blue/green where a
   * wrong answer costs more than a second set of pods during a rollout.
   * @default Rollout.rolling()
   */
  readonly rollout?: Rollout | undefined;
  /**
   * Which nodes pass connections on, which decides whose addresses the server sees.
   * @default ExternalTrafficPolicy.CLUSTER
   */
  readonly externalTrafficPolicy?: ExternalTrafficPolicy | undefined;
  /**
   * Client address ranges that can reach a load balancer, as IPv4 CIDRs.
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
}

/** Cluster, containers and network settings of a service on Kubernetes. */
export interface KubernetesComputeProps extends BaseKubernetesComputeProps {
  /** Cluster that runs the service. */
  readonly cluster: IKubernetesCluster;
  /** Image of the scoring server with the model: `ScoringImage.fromScoringImageAttributes(…)`. */
  readonly image: IScoringImage;
  /** How callers reach the service. @default Exposure.loadBalancer() */
  readonly exposure?: Exposure | undefined;
}

/** @internal */
export const BASE_KUBERNETES_COMPUTE_PROPS: KnownKeys<BaseKubernetesComputeProps> = {
  modelServer: true,
  port: true,
  autoscaling: true,
  rollout: true,
  externalTrafficPolicy: true,
  allowedSourceRanges: true,
  resources: { cpuCores: true, cpuLimitCores: true, memoryMiB: true, memoryLimitMiB: true },
  namespace: true,
  podSecurity: true,
};

const SCORING_RESOURCES = { cpuCores: 1, cpuLimitCores: 2, memoryMiB: 1024, memoryLimitMiB: 2048 };
const MODEL_SERVER_RESOURCES = { cpuCores: 1, cpuLimitCores: 3, memoryMiB: 4096, memoryLimitMiB: 16_384 };

/**
 * Runs a web service on any Kubernetes cluster: kind, k3s, EKS, GKE or on premises. Each pod contains the scoring server and,
 * for an accelerator, a model server. For AKS, `AksCompute` adds what is Azure's.
 *
 * Enabling TLS or changing the certificate, the keys, the model or the number of replicas replaces the pods without a lost
 * call, and the address does not change. The apply waits until the new pods are ready, shows what they wait for, and fails
 * with the reason if they are not in time; the previous pods then continue to serve. The private key of a certificate and
 * the keys are in a Kubernetes Secret and in the Terraform state.
 *
 * `KubernetesService.of(service)` returns the declared resources.
 */
export class KubernetesCompute implements ICompute {
  constructor(private readonly props: KubernetesComputeProps) {}

  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    requireKnownProps(scope, this.props, {
      cluster: true,
      image: true,
      exposure: true,
      ...BASE_KUBERNETES_COMPUTE_PROPS,
    });
    const { exposure = Exposure.loadBalancer(), image } = this.props;
    // Without a type checker it may be missing.
    if ((image as IScoringImage | undefined) === undefined) {
      throw new ConstructError(
        scope,
        'image is missing; build one with the model ("cdktf-brainwave image-context --help"), push it, and set ' +
          'image: ScoringImage.fromScoringImageAttributes(…)',
      );
    }
    return bindToKubernetes(scope, 'Kubernetes', specification, { ...this.props, exposure });
  }
}

/**
 * Declares a web service on a Kubernetes cluster.
 * @internal
 */
export function bindToKubernetes(
  scope: Construct,
  id: string,
  specification: WebserviceSpecification,
  props: BaseKubernetesComputeProps & {
    readonly cluster: IKubernetesCluster;
    readonly image?: IScoringImage | undefined;
    readonly exposure: Exposure;
    readonly azureProvider?: TerraformProvider | undefined;
  },
): WebserviceEndpoint {
  const { cluster, autoscaling } = props;
  const { model, ssl, replicas } = specification;
  requireNetwork(scope, props);
  const range = autoscaling?.bind(scope, replicas);
  const { accelerator } = cluster;
  const hasDevices = accelerator.resourceName !== undefined;
  const server = props.modelServer ?? (accelerator.isNvidia ? ModelServer.triton() : undefined);
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
  if (container && hasDevices) {
    cluster.claimDevices(scope, {
      property: range ? 'maxReplicas' : 'replicas',
      replicas: range?.maximum ?? replicas,
      devicesPerReplica: container.devices,
      devicesProperty: 'devices',
    });
  }
  return KubernetesService._declare(scope, id, {
    cluster,
    specification,
    image: props.image ?? new ScoringImage(scope, 'Image', { model }),
    modelServer: container && {
      ...container,
      knownResources: knownResources(
        scope,
        "the model server's resources",
        container.resources,
        MODEL_SERVER_RESOURCES,
      ),
    },
    autoscaling: range,
    port: servicePort(scope, props.port, ssl !== undefined),
    resources: knownResources(scope, 'resources', props.resources, SCORING_RESOURCES),
    exposure: props.exposure,
    externalTrafficPolicy: props.externalTrafficPolicy,
    rollout: props.rollout ?? Rollout.rolling(),
    podSecurity: props.podSecurity ?? PodSecurity.RESTRICTED,
    namespace: props.namespace,
    allowedSourceRanges: props.allowedSourceRanges,
    azureProvider: props.azureProvider,
  }).endpoint;
}

function requireNetwork(
  scope: Construct,
  { namespace, allowedSourceRanges = [] }: BaseKubernetesComputeProps,
): void {
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
