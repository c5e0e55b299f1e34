import type {
  DeploymentV1SpecTemplateSpec,
  DeploymentV1SpecTemplateSpecContainer,
  DeploymentV1SpecTemplateSpecContainerLivenessProbe,
  DeploymentV1SpecTemplateSpecContainerSecurityContext,
  DeploymentV1SpecTemplateSpecContainerVolumeMount,
  DeploymentV1SpecTemplateSpecInitContainer,
  DeploymentV1SpecTemplateSpecVolume,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';

import { REVISION_VARIABLE } from '../../lib/contract/environment';
import { REVISION_LABEL } from '../../lib/contract/kubernetes-labels';
import {
  CONFIGURATION_FOLDER,
  HEALTH_PORT,
  HEALTH_PORT_NAME,
  IMAGE_USER,
  repositoryCommand,
  SERVE_COMMAND,
  SERVICE_PORT,
} from '../../lib/contract/image-layout';
import { LIVENESS_PATH } from '../../lib/contract/operations';
import type { ModelServerContainer } from '../accelerator/model-server';
import { kubernetesResources, type KnownResources } from '../accelerator/container-resources';
import type { IKubernetesCluster } from './kubernetes-cluster-reference';

/** Containers and volumes of a service's pod. @internal */
export interface KubernetesPodProps {
  readonly cluster: IKubernetesCluster;
  readonly labels: Record<string, string>;
  readonly image: string;
  readonly resources: KnownResources;
  readonly configMapName: string;
  /** @default - no certificate and no keys */
  readonly secretName?: string | undefined;
  /** @default - none */
  readonly modelServer?: (ModelServerContainer & { readonly knownResources: KnownResources }) | undefined;
}

type Probe = DeploymentV1SpecTemplateSpecContainerLivenessProbe;
type Mount = DeploymentV1SpecTemplateSpecContainerVolumeMount;

/** Seconds that a terminating pod continues to serve, until load balancers no longer send it requests. */
const DEREGISTRATION_SECONDS = 10;
/** Time limit for the scoring server to load its model. */
const SERVER_START_SECONDS = 120;
/** Time limit for a model server to load its model. The scoring server starts once it can reach it. */
const MODEL_SERVER_START_SECONDS = 600;
const MODEL_SERVER_PROBE_SECONDS = 5;
const REPOSITORY_VOLUME = 'model-repository';

/** Returns the pod template of a service on Kubernetes. It meets the Pod Security Standard "restricted". @internal */
export function kubernetesPod(props: KubernetesPodProps): DeploymentV1SpecTemplateSpec {
  const { cluster, labels, modelServer } = props;
  const { taint } = cluster.accelerator;
  const { tolerations = taint && [taint], imagePullSecrets } = cluster;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 60,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: `${IMAGE_USER}`,
      runAsGroup: `${IMAGE_USER}`,
      fsGroup: `${IMAGE_USER}`,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    imagePullSecrets: imagePullSecrets?.map((name) => ({ name })),
    nodeSelector: cluster.nodeSelector,
    toleration: tolerations?.map((each) => ({ operator: 'Equal', ...each })),
    topologySpreadConstraint: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(
      (topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: [{ matchLabels: labels }],
      }),
    ),
    initContainer:
      modelServer?.repositoryFolder === undefined
        ? undefined
        : [repositoryContainer(props, modelServer.repositoryFolder)],
    container: [
      scoringContainer(props),
      ...(modelServer ? [modelServerContainer(cluster, modelServer)] : []),
    ],
    volume: volumes(props),
  };
}

function scoringContainer({
  image,
  resources,
  modelServer,
}: KubernetesPodProps): DeploymentV1SpecTemplateSpecContainer {
  return {
    name: 'scoring',
    image,
    args: SERVE_COMMAND,
    env: [
      {
        name: REVISION_VARIABLE,
        valueFrom: { fieldRef: { fieldPath: `metadata.labels['${REVISION_LABEL}']` } },
      },
    ],
    port: [
      { name: 'grpc', containerPort: SERVICE_PORT, protocol: 'TCP' },
      { name: HEALTH_PORT_NAME, containerPort: HEALTH_PORT, protocol: 'TCP' },
    ],
    resources: kubernetesResources(resources),
    securityContext: restricted(IMAGE_USER),
    // The kubelet's gRPC probes do not support TLS: health is served on a separate port that no Service exposes.
    startupProbe: {
      grpc: [{ port: HEALTH_PORT, service: '' }],
      // A new pod receives requests within a second of being ready, not at the next readiness probe.
      periodSeconds: 1,
      timeoutSeconds: 1,
      failureThreshold: modelServer ? MODEL_SERVER_START_SECONDS : SERVER_START_SECONDS,
    },
    readinessProbe: {
      grpc: [{ port: HEALTH_PORT, service: '' }],
      periodSeconds: 5,
      timeoutSeconds: 2,
      failureThreshold: 2,
    },
    // A server whose model server has stopped is alive but not ready. One whose threads hang needs a restart.
    livenessProbe: {
      httpGet: { path: LIVENESS_PATH, port: `${HEALTH_PORT}` },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    lifecycle: {
      preStop: [
        // The only program that every scoring server image is known to contain.
        { exec: { command: ['node', '-e', `setTimeout(() => {}, ${DEREGISTRATION_SECONDS * 1000})`] } },
      ],
    },
    volumeMount: [
      { name: 'configuration', mountPath: CONFIGURATION_FOLDER, readOnly: true },
      { name: 'scoring-temporary', mountPath: '/tmp' },
    ],
  };
}

function repositoryContainer(
  { image, resources }: KubernetesPodProps,
  repositoryFolder: string,
): DeploymentV1SpecTemplateSpecInitContainer {
  return {
    name: REPOSITORY_VOLUME,
    image,
    args: repositoryCommand(repositoryFolder),
    resources: kubernetesResources(resources),
    securityContext: restricted(IMAGE_USER),
    volumeMount: [
      { name: REPOSITORY_VOLUME, mountPath: repositoryFolder },
      { name: 'scoring-temporary', mountPath: '/tmp' },
    ],
  };
}

function modelServerContainer(
  { accelerator }: IKubernetesCluster,
  server: ModelServerContainer & { readonly knownResources: KnownResources },
): DeploymentV1SpecTemplateSpecContainer {
  const { name, image, command, args, environment, runAsUser, readyCommand, liveCommand } = server;
  const probe = (execCommand: string[], timing: Probe): Probe => ({
    exec: { command: execCommand },
    timeoutSeconds: 5,
    ...timing,
  });
  const devices =
    accelerator.resourceName === undefined ? {} : { [accelerator.resourceName]: `${server.devices}` };
  const folders = ['/tmp', ...server.writableFolders];
  const mounts: Mount[] = [
    ...folders.map((mountPath, index) => ({ name: `${name}-writable-${index}`, mountPath })),
    // Shared memory, which CUDA and TensorFlow use between processes; the default is 64 MiB.
    { name: 'shared-memory', mountPath: '/dev/shm' },
  ];
  if (server.repositoryFolder !== undefined) {
    mounts.push({ name: REPOSITORY_VOLUME, mountPath: server.repositoryFolder, readOnly: true });
  }
  return {
    name,
    image,
    command,
    args,
    ...(Object.keys(environment).length > 0 && {
      env: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
    }),
    resources: kubernetesResources(server.knownResources, devices),
    securityContext: restricted(runAsUser),
    ...(readyCommand && {
      startupProbe: probe(readyCommand, {
        periodSeconds: MODEL_SERVER_PROBE_SECONDS,
        failureThreshold: MODEL_SERVER_START_SECONDS / MODEL_SERVER_PROBE_SECONDS,
      }),
      readinessProbe: probe(readyCommand, { periodSeconds: MODEL_SERVER_PROBE_SECONDS, failureThreshold: 2 }),
    }),
    livenessProbe: liveCommand && probe(liveCommand, { periodSeconds: 15, failureThreshold: 4 }),
    // The scoring server still needs the model server to finish the requests in flight.
    lifecycle: { preStop: [{ exec: { command: ['sleep', `${DEREGISTRATION_SECONDS + 20}`] } }] },
    volumeMount: mounts,
  };
}

function volumes({
  configMapName,
  secretName,
  modelServer,
}: KubernetesPodProps): DeploymentV1SpecTemplateSpecVolume[] {
  const emptyDir = (name: string, sizeLimit: string): DeploymentV1SpecTemplateSpecVolume => ({
    name,
    emptyDir: { sizeLimit },
  });
  return [
    {
      name: 'configuration',
      projected: [
        {
          // Readable only by the owner and by the group of the scoring server.
          defaultMode: '0440',
          sources: [
            { configMap: [{ name: configMapName }] },
            ...(secretName === undefined ? [] : [{ secret: [{ name: secretName }] }]),
          ],
        },
      ],
    },
    emptyDir('scoring-temporary', '1Gi'),
    ...(modelServer
      ? [
          ...['/tmp', ...modelServer.writableFolders].map((_, index) =>
            emptyDir(`${modelServer.name}-writable-${index}`, '2Gi'),
          ),
          { name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
          ...(modelServer.repositoryFolder === undefined ? [] : [emptyDir(REPOSITORY_VOLUME, '8Gi')]),
        ]
      : []),
  ];
}

function restricted(user: number): DeploymentV1SpecTemplateSpecContainerSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: `${user}`,
    runAsGroup: `${user}`,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
}
