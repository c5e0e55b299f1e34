import {
  Aspects,
  dependable,
  Fn,
  Lazy,
  Token,
  type ITerraformDependable,
  type TerraformProvider,
} from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { SERVER_FILES } from '../../lib/contract/folder-layout';
import { HEALTH_PORT, SERVICE_PORT } from '../../lib/contract/image-layout';
import {
  INSTANCE_LABEL,
  INSTANCE_METRIC_LABEL,
  POD_SET_LABEL,
  REVISION_LABEL,
} from '../../lib/contract/kubernetes-labels';
import { METRICS_PATH } from '../../lib/contract/operations';
import type { StepInput } from '../../lib/contract/steps';
import type { ServeConfigurationFile } from '../../lib/contract/serve-configuration';
import {
  ConfigMapV1,
  DeploymentV1,
  HorizontalPodAutoscalerV2,
  NamespaceV1,
  NetworkPolicyV1,
  PodDisruptionBudgetV1,
  SecretV1,
  ServiceV1,
} from '../bindings/kubernetes';
import { acceleratorSettings, type ModelServerContainer } from '../accelerator/model-server';
import { limitedName, nameFromPath } from '../azure/derived-name';
import type { WebserviceSpecification } from '../webservice/compute';
import { ConstructError } from '../validation/construct-error';
import { addWarning } from '../validation/warning';
import { imageConfiguration } from '../image/image-configuration';
import type { IScoringImage } from '../image/scoring-image-reference';
import { dependablesFor } from '../terraform/dependables';
import { jsonTemplate } from '../terraform/json-template';
import { createStep, writeSecretsStep } from '../terraform/provisioner-step';
import { secretsInState } from '../terraform/secrets-in-state';
import { TerraformData } from '../terraform/terraform-data';
import type { ProvidedCertificate } from '../tls-and-keys/provided-certificate';
import { endpointKeys, provideKeys, type ProvidedKeys } from '../tls-and-keys/provided-keys';
import { rolloutConnections } from '../webservice/rollout';
import type { IWebservicePods, WebserviceEndpoint } from '../webservice/webservice';
import type { ReplicaRange } from './autoscaling';
import { stepAccess } from './cluster-provider';
import type { KnownResources } from '../accelerator/container-resources';
import { exposedAddress, requireExposureSettings, serviceSpec, type Exposure } from './exposure';
import { kubernetesCertificate } from './kubernetes-certificate';
import type { IKubernetesCluster } from './kubernetes-cluster-reference';
import { kubernetesPod, type KubernetesPodProps } from './kubernetes-pod';
import type { Rollout } from './rollout';

/** @internal */
export interface KubernetesServiceProps {
  readonly cluster: IKubernetesCluster;
  readonly specification: WebserviceSpecification;
  readonly image: IScoringImage;
  readonly modelServer?: (ModelServerContainer & { readonly knownResources: KnownResources }) | undefined;
  /** @default - a fixed number of replicas */
  readonly autoscaling?: ReplicaRange | undefined;
  readonly port: number;
  readonly resources: KnownResources;
  readonly exposure: Exposure;
  readonly externalTrafficPolicy?: string | undefined;
  readonly rollout: Rollout;
  readonly namespace?: string | undefined;
  readonly podSecurity: string;
  readonly allowedSourceRanges?: string[] | undefined;
  /** Provider of a certificate in a key vault. @default - the provider without an alias */
  readonly azureProvider?: TerraformProvider | undefined;
}

/** Keys of the Secret, which become files next to the configuration. Named as in a `kubernetes.io/tls` Secret. */
const CERTIFICATE_KEY = 'tls.crt';
const PRIVATE_KEY_KEY = 'tls.key';

/** Time limit for a pod to become ready. */
const DEADLINE_SECONDS = 300;
/** The same with a model server, whose image can be larger than 10 GB. */
const MODEL_SERVER_DEADLINE_SECONDS = 1800;
/** Callers keep their connections, so without a limit, pods that are added get no calls. */
const MAX_CONNECTION_AGE_SECONDS = 300;

/**
 * Annotations with which Prometheus finds the metrics, by a convention that Azure's managed Prometheus and the Helm chart of
 * Prometheus follow.
 * @see https://learn.microsoft.com/azure/azure-monitor/containers/prometheus-metrics-scrape-configuration
 */
const SCRAPE_ANNOTATIONS = {
  'prometheus.io/scrape': 'true',
  'prometheus.io/port': `${HEALTH_PORT}`,
  'prometheus.io/path': METRICS_PATH,
};

/** Hexadecimal digits of an id in a name: the first group of a UUID. */
const SHORT_ID = 8;

/** By web service. */
const services = new WeakMap<IConstruct, KubernetesService>();

/**
 * Resources that `KubernetesCompute` and `AksCompute` declare for a web service.
 *
 * Each revision has its own ConfigMap and Secret, so that pods of the previous one can restart while a rollout is in
 * progress, or has failed. Terraform deletes them once the new revision serves.
 */
export class KubernetesService extends Construct {
  /**
   * Returns the resources of a web service that runs on Kubernetes.
   * @throws ConstructError if the web service does not run on Kubernetes
   */
  static of(webservice: IConstruct): KubernetesService {
    const found = services.get(webservice);
    if (!found) {
      throw new ConstructError(
        webservice,
        'the service does not run on Kubernetes; pass a service whose compute is KubernetesCompute or AksCompute',
      );
    }
    return found;
  }

  /** @default - an existing namespace is used */
  readonly namespace?: NamespaceV1 | undefined;
  /** Resource whose id, the revision, changes with everything that the pods run: it replaces them. */
  readonly revision: TerraformData;
  /**
   * Resource whose id names the Deployment and is a label of its pods, which the Service selects. Replaced with each revision
   * of a service with `Rollout.blueGreen()`, and if the strategy changes: the Service selects the new pods once they are ready
   * and, with `Rollout.blueGreen()`, tested.
   */
  readonly podSet: TerraformData;
  readonly configMap: ConfigMapV1;
  /** @default - no TLS */
  readonly secret?: SecretV1 | undefined;
  readonly deployment: DeploymentV1;
  /** Resource that waits until the pods of the revision are ready, and fails the apply if they are not in time. */
  readonly rollout: TerraformData;
  readonly service: ServiceV1;
  readonly podDisruptionBudget: PodDisruptionBudgetV1;
  readonly networkPolicy: NetworkPolicyV1;
  /** @default - no autoscaling */
  readonly autoscaler?: HorizontalPodAutoscalerV2 | undefined;
  readonly endpoint: WebserviceEndpoint;
  private readonly cluster: IKubernetesCluster;

  /** @internal Called only by a compute. */
  static _declare(scope: Construct, id: string, props: KubernetesServiceProps): KubernetesService {
    return new KubernetesService(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: KubernetesServiceProps) {
    super(scope, id);
    services.set(scope, this);
    const { cluster, specification, image, modelServer, autoscaling, port, rollout } = props;
    const { ssl, replicas } = specification;
    this.cluster = cluster;
    const provider = cluster.kubernetesProvider(this);
    const name = limitedName(specification.serviceName, 63 - 1 - SHORT_ID);
    const labels = { 'app.kubernetes.io/name': 'cdktf-brainwave', [INSTANCE_LABEL]: name };

    const certificate = ssl && kubernetesCertificate(this, ssl, props.azureProvider);
    // Keys are checked only under TLS.
    const keys = ssl && specification.keys && provideKeys(this, specification.keys);
    const granted = [image, modelServer].flatMap((each) =>
      each?.containerRegistryId === undefined ? [] : cluster.grantPull(this, each.containerRegistryId),
    );
    const exposed = props.exposure.bind(this, cluster);
    requireExposureSettings(scope, exposed, props);

    if (props.namespace === undefined) {
      this.namespace = new NamespaceV1(this, 'Namespace', {
        provider,
        metadata: {
          name,
          labels: { ...labels, 'pod-security.kubernetes.io/enforce': props.podSecurity },
        },
        dependsOn: dependablesFor(this, cluster.dependables),
      });
    }
    const namespace = props.namespace ?? name;
    const inNamespace: ITerraformDependable[] = this.namespace
      ? [this.namespace]
      : dependablesFor(this, cluster.dependables);

    const configuration = jsonTemplate(this.configuration(props, keys !== undefined));
    const pod: KubernetesPodProps = {
      cluster,
      labels,
      image: image.imageUri,
      resources: props.resources,
      configMapName: name,
      secretName: certificate && name,
      modelServer,
    };
    this.revision = new TerraformData(this, 'Revision', {
      triggersReplace: revisionOf(props, jsonTemplate(kubernetesPod(pod)), configuration, certificate, keys),
    });
    const revision = this.revision.id;
    const { testsBeforeTraffic } = rollout;
    this.podSet = new TerraformData(this, 'PodSet', {
      triggersReplace: testsBeforeTraffic ? { revision } : { rollout: 'rolling' },
    });
    const nameWith = (id: string) => `${name}-${Token.asString(Fn.substr(id, 0, SHORT_ID))}`;
    const metadata = { name, namespace, labels };
    const ofRevision = { ...metadata, name: nameWith(revision) };
    const ofPodSet = { ...metadata, name: nameWith(this.podSet.id) };
    const replacedFirst = { createBeforeDestroy: true };

    this.configMap = new ConfigMapV1(this, 'Configuration', {
      provider,
      metadata: ofRevision,
      data: { [SERVER_FILES.configuration]: configuration },
      lifecycle: replacedFirst,
      dependsOn: inNamespace,
    });
    if (certificate) {
      const data = {
        [CERTIFICATE_KEY]: certificate.certificate,
        [PRIVATE_KEY_KEY]: certificate.privateKey,
        ...(keys && {
          [SERVER_FILES.keys]: jsonTemplate({
            primaryKey: keys.primaryKey,
            secondaryKey: keys.secondaryKey,
          }),
        }),
      };
      this.secret = new SecretV1(this, 'Secret', {
        provider,
        metadata: ofRevision,
        type: 'Opaque',
        // Each revision has its own Secret, so the data of a Secret never changes.
        ...(secretsInState(this) ? { data } : { dataWo: data, dataWoRevision: 1 }),
        lifecycle: replacedFirst,
        dependsOn: inNamespace,
      });
    }

    const devices = modelServer && cluster.accelerator.resourceName !== undefined ? modelServer.devices : 0;
    const selected = { ...labels, [POD_SET_LABEL]: this.podSet.id };
    // If all devices are in use, a new pod would stay pending: an old pod must stop first.
    const surges = () => cluster.hasRoomFor(devices);
    if (testsBeforeTraffic) {
      this.requireRoom(devices, autoscaling?.maximum ?? replicas);
    }
    this.deployment = new DeploymentV1(this, 'Deployment', {
      provider,
      metadata: ofPodSet,
      // A step waits instead: it shows what the pods wait for, and a failure does not replace the deployment.
      waitForRollout: false,
      timeouts: { delete: '10m' },
      spec: {
        // With autoscaling, only the number to start with.
        replicas: `${replicas}`,
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: modelServer ? MODEL_SERVER_DEADLINE_SECONDS : DEADLINE_SECONDS,
        minReadySeconds: 5,
        selector: { matchLabels: selected },
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: {
            maxSurge: Lazy.stringValue({ produce: () => (surges() ? '1' : '0') }),
            maxUnavailable: Lazy.stringValue({ produce: () => (surges() ? '0' : '1') }),
          },
        },
        template: {
          metadata: { labels: { ...selected, [REVISION_LABEL]: revision }, annotations: SCRAPE_ANNOTATIONS },
          spec: kubernetesPod({
            ...pod,
            configMapName: this.configMap.metadata.name,
            secretName: this.secret?.metadata.name,
          }),
        },
      },
      lifecycle: {
        ...replacedFirst,
        // Managed by the autoscaler.
        ...(autoscaling && { ignoreChanges: ['spec[0].replicas'] }),
      },
      dependsOn: [
        this.configMap,
        ...(this.secret ? [this.secret] : []),
        ...dependablesFor(this, [...cluster.dependables, ...image.dependables, ...granted]),
      ],
    });
    this.node.defaultChild = this.deployment;
    if (autoscaling) {
      this.autoscaler = new HorizontalPodAutoscalerV2(this, 'Autoscaler', {
        provider,
        metadata: ofPodSet,
        spec: {
          minReplicas: autoscaling.minimum,
          maxReplicas: autoscaling.maximum,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: ofPodSet.name },
          metric: [autoscaling.metric],
        },
        lifecycle: replacedFirst,
        dependsOn: [this.deployment],
      });
    }
    this.rollout = this.waitForRollout(
      { namespace, deployment: ofPodSet.name, revision, autoscaled: autoscaling !== undefined },
      replicas,
    );
    this.podDisruptionBudget = new PodDisruptionBudgetV1(this, 'PodDisruptionBudget', {
      provider,
      metadata,
      spec: { maxUnavailable: '1', selector: { matchLabels: labels } },
      dependsOn: inNamespace,
    });
    this.networkPolicy = new NetworkPolicyV1(this, 'NetworkPolicy', {
      provider,
      metadata,
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ['Ingress', 'Egress'],
        // Requests arrive through the nodes, so the load balancer restricts the source addresses. No egress rule is
        // needed, because the model server is in the same pod.
        ingress: [{ ports: [{ port: `${SERVICE_PORT}`, protocol: 'TCP' }] }],
      },
      dependsOn: inNamespace,
    });
    const tests: ITerraformDependable[] = [];
    this.service = new ServiceV1(this, 'Service', {
      provider,
      metadata: { ...metadata, annotations: exposed.annotations },
      spec: {
        ...serviceSpec(exposed, port, SERVICE_PORT),
        selector: selected,
        externalTrafficPolicy: props.externalTrafficPolicy,
        loadBalancerSourceRanges: props.allowedSourceRanges,
      },
      // The Service selects another set of pods only once they are ready. For blue/green, tests are added.
      dependsOn: [...inNamespace, ...(exposed.dependables ?? []), this.deployment, this.rollout],
    });
    if (testsBeforeTraffic) {
      this.warnUntested(scope, tests);
    }
    const inspect = `kubectl rollout status deployment/${ofPodSet.name} --namespace ${namespace}`;
    this.endpoint = {
      ...exposedAddress(exposed, this.service, port),
      addressType: exposed.addressType,
      isPrivate: exposed.isPrivate,
      hostname: ssl?.hostname,
      ...endpointKeys(keys),
      rootCertificateFile: ssl?.rootCertificateFile,
      revision,
      reportsRevision: true,
      rollout: {
        connections: rolloutConnections(replicas),
        timeoutSeconds: DEADLINE_SECONDS,
        inspect,
      },
      metricLabels: { [INSTANCE_METRIC_LABEL]: name },
      pods: this.pods(props, { name, namespace, labels }, tests),
      dependables: [
        this.deployment,
        this.rollout,
        this.service,
        this.networkPolicy,
        ...(this.autoscaler ? [this.autoscaler] : []),
      ],
    };
  }

  /** Its id changes with every rollout, so that a failed one is not forgotten by the next apply. */
  private waitForRollout(
    rollout: Pick<StepInput<'wait-for-rollout'>, 'namespace' | 'deployment' | 'revision' | 'autoscaled'>,
    replicas: number,
  ): TerraformData {
    const step = `${nameFromPath(this)}-rollout`;
    const { kubeconfigFile, kubeconfigContext, kubeconfig } = stepAccess(this.cluster, step);
    return new TerraformData(this, 'Rollout', {
      triggersReplace: {
        revision: rollout.revision,
        deployment: rollout.deployment,
        replicas,
      },
      provisioners: [
        ...(kubeconfig === undefined ? [] : [writeSecretsStep(step, { kubeconfig })]),
        createStep('wait-for-rollout', {
          ...rollout,
          kubeconfig: { file: kubeconfigFile, context: kubeconfigContext },
          temporarySecrets: kubeconfig === undefined ? undefined : [step],
        }),
      ],
      // The previous configuration is deleted only after the rollout, because its pods may still restart.
      dependsOn: [this.deployment, this.configMap, ...(this.secret ? [this.secret] : [])],
    });
  }

  private pods(
    { image, port, rollout }: KubernetesServiceProps,
    metadata: { readonly name: string; readonly namespace: string; readonly labels: Record<string, string> },
    tests: ITerraformDependable[],
  ): IWebservicePods {
    const { cluster, service, revision } = this;
    const { name, namespace, labels } = metadata;
    return {
      namespace,
      labels,
      deploymentPattern: `${name}-[0-9a-f]{${SHORT_ID}}`,
      provider: (scope) => cluster.kubernetesProvider(scope),
      dependables: [this.rollout],
      clusterAddress: service.spec.clusterIp,
      clusterPort: port,
      testedBeforeTraffic: rollout.testsBeforeTraffic,
      access: (step) => ({
        ...stepAccess(cluster, step),
        namespace,
        revision: revision.id,
        port: SERVICE_PORT,
        image: image.imageUri,
        imagePullSecrets: cluster.imagePullSecrets,
      }),
      addTest: (test) => {
        tests.push(test);
        if (rollout.testsBeforeTraffic) {
          service.dependsOn?.push(dependable(test));
        }
      },
    };
  }

  /** Tests may be declared after the service. */
  private warnUntested(webservice: Construct, tests: readonly ITerraformDependable[]): void {
    Aspects.of(this.deployment).add({
      visit: () => {
        if (tests.length === 0) {
          addWarning(
            webservice,
            'Rollout.blueGreen() has no smoke test to run before callers reach a new revision; declare a SmokeTest in the ' +
              'same stack',
          );
        }
      },
    });
  }

  /** Other services may claim devices after this one. */
  private requireRoom(devices: number, replicas: number): void {
    const { cluster } = this;
    this.node.addValidation({
      validate: () =>
        devices === 0 || Token.isUnresolved(replicas) || cluster.hasRoomFor(devices * replicas)
          ? []
          : [
              `${this.node.path}: Rollout.blueGreen() needs ${devices * replicas} more ${cluster.accelerator.deviceName} during ` +
                'a rollout than the nodes are known to have; set or raise the number of nodes of the cluster, or use ' +
                'Rollout.rolling()',
            ],
    });
  }

  private configuration(props: KubernetesServiceProps, hasKeys: boolean): ServeConfigurationFile {
    const { specification, resources, modelServer } = props;
    return imageConfiguration(specification, {
      tls: specification.ssl && { certificateFile: CERTIFICATE_KEY, privateKeyFile: PRIVATE_KEY_KEY },
      keyFile: hasKeys ? SERVER_FILES.keys : undefined,
      workers: Math.max(1, Math.floor(resources.cpuLimitCores)),
      maxConnectionAgeSeconds: MAX_CONNECTION_AGE_SECONDS,
      accelerator: modelServer && acceleratorSettings(modelServer),
    });
  }
}

/** Returns the values whose changes replace the pods. Secrets are represented by digests, kept only in the state. */
function revisionOf(
  { specification }: KubernetesServiceProps,
  pod: string,
  configuration: string,
  certificate: ProvidedCertificate | undefined,
  keys: ProvidedKeys | undefined,
): Record<string, string | undefined> {
  return {
    pod,
    configuration,
    model: specification.model.location?.revision,
    hostname: specification.ssl?.hostname,
    certificate: certificate?.revision,
    keys: keys?.revision,
  };
}
