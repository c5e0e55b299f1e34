import type { Construct } from 'constructs';

import { numberAbove, wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { ModelServer, requireSoftware, type ModelServerContainer } from '../accelerator/model-server';
import { ScoringImage } from '../image/scoring-image';
import type { IScoringImage } from '../image/scoring-image-reference';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';
import type { ICompute, WebserviceSpecification } from '../webservice/compute';
import type { WebserviceEndpoint } from '../webservice/webservice';
import type { IContainerAppsEnvironment } from './container-apps-environment-reference';
import { ContainerAppsIngress } from './container-apps-ingress';
import { ContainerAppsService, type ContainerShare } from './container-apps-service';
import { RevisionTraffic } from './revision-traffic';
import { WorkloadProfile } from './workload-profile';

/** Number of replicas, which follows the load. */
export interface ContainerAppsScaling {
  /**
   * Minimum number of replicas. With 0, a call that finds no replica waits until one has started, and nothing is billed while nobody
   * calls.
   * @default - `replicas` of the service
   */
  readonly minReplicas?: number | undefined;
  /** Maximum number of replicas. */
  readonly maxReplicas: number;
  /**
   * Calls in flight per replica, or connections with TCP ingress, above which replicas are added. Below `maxInFlight`, or calls are
   * refused before it scales.
   * @default 10
   */
  readonly concurrentRequests?: number | undefined;
}

/** Cores and memory of the scoring server. */
export interface ContainerAppsResources {
  /** In quarters up to 4 on the Consumption profile. @default 2 */
  readonly cpuCores?: number | undefined;
  /** On the Consumption profile, twice the number of cores. @default - twice the number of cores */
  readonly memoryGiB?: number | undefined;
}

/** Environment, machines, ingress and scale of a service on Azure Container Apps. */
export interface ContainerAppsComputeProps {
  /** Environment that runs the service. */
  readonly environment: IContainerAppsEnvironment;
  /**
   * Image of the scoring server.
   * @default - an image that contains the model, built by the workspace's container registry
   */
  readonly image?: IScoringImage | undefined;
  /** Machines that run the replicas. The environment must have the profile. @default WorkloadProfile.consumption() */
  readonly workloadProfile?: WorkloadProfile | undefined;
  /**
   * Model server that runs the model's `brainwave` stages.
   * @default - ModelServer.triton() with a GPU; otherwise the scoring server runs the stages' software
   */
  readonly modelServer?: ModelServer | undefined;
  /** @default ContainerAppsIngress.http2() */
  readonly ingress?: ContainerAppsIngress | undefined;
  /** @default - a fixed number of replicas */
  readonly scaling?: ContainerAppsScaling | undefined;
  readonly resources?: ContainerAppsResources | undefined;
  /** @default RevisionTraffic.latest() */
  readonly traffic?: RevisionTraffic | undefined;
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
}

const PROPS: KnownKeys<ContainerAppsComputeProps> = {
  environment: true,
  image: true,
  workloadProfile: true,
  modelServer: true,
  ingress: true,
  scaling: { minReplicas: true, maxReplicas: true, concurrentRequests: true },
  resources: { cpuCores: true, memoryGiB: true },
  traffic: true,
  tags: true,
};

/**
 * Runs a web service on Azure Container Apps: no cluster to maintain, a certificate that Azure issues, and, if nobody calls, no
 * replicas.
 *
 * The certificate is `SslSettings.managed()`, or one of your own for your own host name. A changed model, key or configuration is a
 * new revision, which gets the calls once it is ready. Keys that are in a key vault stay there: Azure reads them with the identity of
 * the app. Other keys are secrets of the app, and in the Terraform state.
 *
 * `ContainerAppsService.of(service)` returns the declared resources.
 */
export class ContainerAppsCompute implements ICompute {
  constructor(private readonly props: ContainerAppsComputeProps) {}

  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    requireKnownProps(scope, this.props, PROPS);
    const { environment, image, ingress = ContainerAppsIngress.http2(), scaling, tags } = this.props;
    const { workloadProfile = WorkloadProfile.consumption(), traffic = RevisionTraffic.latest() } =
      this.props;
    const { model, replicas } = specification;
    const { workloadProfileNames } = environment;
    if (workloadProfileNames && !workloadProfileNames.includes(workloadProfile.name)) {
      throw new ConstructError(
        scope,
        `the environment ${environment.node.path} has no workload profile "${workloadProfile.name}", only ` +
          `${workloadProfileNames.join(', ')}; add it to its workloadProfiles`,
      );
    }
    const server = this.props.modelServer ?? (workloadProfile.gpus > 0 ? ModelServer.triton() : undefined);
    if (!server) {
      requireSoftware(
        scope,
        model,
        'add software to the stage to run it on CPUs, or set modelServer: ModelServer.custom(…) to a model server that runs it',
      );
    }
    const modelServer = server?.bind(scope, model);
    if (modelServer && workloadProfile.gpus > 0 && modelServer.devices > workloadProfile.gpus) {
      throw new ConstructError(
        scope,
        `devices is ${modelServer.devices}, but a replica on the profile "${workloadProfile.name}" has ${workloadProfile.gpus} GPU; ` +
          'lower devices to 1',
      );
    }
    const minReplicas = scaling?.minReplicas ?? replicas;
    const maxReplicas = scaling?.maxReplicas ?? replicas;
    requireNumber(scope, 'scaling.minReplicas', scaling?.minReplicas, wholeNumber(0, MAX_REPLICAS));
    requireNumber(scope, 'replicas', replicas, wholeNumber(1, MAX_REPLICAS));
    requireNumber(scope, 'scaling.maxReplicas', scaling?.maxReplicas, {
      ...wholeNumber(Math.max(minReplicas, 1), MAX_REPLICAS),
      expected: `a whole number from ${Math.max(minReplicas, 1)} to ${MAX_REPLICAS}`,
    });
    requireNumber(scope, 'scaling.concurrentRequests', scaling?.concurrentRequests, wholeNumber(1));
    return ContainerAppsService._declare(scope, 'ContainerApps', {
      environment,
      specification,
      image: image ?? new ScoringImage(scope, 'Image', { model }),
      workloadProfile,
      modelServer,
      ...shares(scope, workloadProfile, this.props.resources, modelServer),
      ingress,
      minReplicas,
      maxReplicas,
      concurrentRequests: scaling && (scaling.concurrentRequests ?? 10),
      shares: traffic._bind(scope),
      tags,
    }).endpoint;
  }
}

/** @see https://learn.microsoft.com/azure/container-apps/scale-app#scale-definition */
const MAX_REPLICAS = 1000;

/** Divides what a replica may have between its containers. */
function shares(
  scope: Construct,
  profile: WorkloadProfile,
  resources: ContainerAppsResources | undefined,
  modelServer: ModelServerContainer | undefined,
): { readonly share: ContainerShare; readonly modelServerShare: ContainerShare } {
  const { cpuCores = 2 } = resources ?? {};
  const { memoryGiB = cpuCores * 2 } = resources ?? {};
  requireNumber(scope, 'resources.cpuCores', cpuCores, numberAbove(0));
  requireNumber(scope, 'resources.memoryGiB', memoryGiB, numberAbove(0));
  const share = { cpuCores, memoryGiB };
  const { cpuCores: serverCores, cpuLimitCores, memoryMiB, memoryLimitMiB } = modelServer?.resources ?? {};
  const serverMiB = memoryLimitMiB ?? memoryMiB;
  const modelServerShare = {
    cpuCores: cpuLimitCores ?? serverCores ?? profile.cores - cpuCores,
    memoryGiB: serverMiB === undefined ? profile.memoryGiB - memoryGiB : serverMiB / 1024,
  };
  const all = modelServer ? [share, modelServerShare] : [share];
  const cores = all.reduce((sum, each) => sum + each.cpuCores, 0);
  const memory = all.reduce((sum, each) => sum + each.memoryGiB, 0);
  const of = modelServer ? 'the scoring server and the model server' : 'the scoring server';
  const remedy = 'set resources' + (modelServer ? ' of the compute and of its model server' : '');
  if (cores > profile.cores || memory > profile.memoryGiB || modelServerShare.cpuCores < 0) {
    throw new ConstructError(
      scope,
      `${of} would have ${cores} cores and ${memory} GiB, but a replica on the profile "${profile.name}" has at most ${profile.cores} ` +
        `cores and ${profile.memoryGiB} GiB; ${remedy}`,
    );
  }
  if (
    profile.hasFixedRatio &&
    (memory !== cores * 2 || all.some((each) => !Number.isInteger(each.cpuCores * 4)))
  ) {
    throw new ConstructError(
      scope,
      `${of} would have ${cores} cores and ${memory} GiB, but the Consumption profile gives quarters of cores, and 2 GiB for each core; ` +
        remedy,
    );
  }
  return { share, modelServerShare };
}
