import { DataAzurermPublicIp } from '@cdktf/provider-azurerm/lib/data-azurerm-public-ip';
import { PublicIp } from '@cdktf/provider-azurerm/lib/public-ip';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { HorizontalPodAutoscalerV2 } from '@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { Lazy, type ITerraformDependable } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { SERVER_FILES } from '../../lib/contract/folder-layout';
import { SERVICE_PORT } from '../../lib/contract/image-layout';
import type { ServeConfigurationFile } from '../../lib/contract/serve-configuration';
import type { ModelServerContainer } from '../accelerator/model-server';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import { limitedName } from '../azure/derived-name';
import type { WebserviceSpecification } from '../webservice/compute';
import { ConstructError } from '../validation/construct-error';
import { imageConfiguration } from '../image/image-configuration';
import type { IScoringImage } from '../image/scoring-image-reference';
import { dependablesFor } from '../terraform/dependables';
import { jsonTemplate } from '../terraform/json-template';
import { TerraformData } from '../terraform/terraform-data';
import { provideKeys, type ProvidedKeys } from '../tls-and-keys/provided-keys';
import { rolloutConnections } from '../webservice/rollout';
import type { WebserviceEndpoint } from '../webservice/webservice';
import { aksCertificate, type AksCertificate } from './aks-certificate';
import { aksPod, REVISION_ANNOTATION } from './aks-pod';
import type { KnownResources } from '../kubernetes/container-resources';
import type { PublicAddress } from './public-address';
import type { IScoringCluster } from './scoring-cluster-reference';

/** Number of replicas, and its autoscaling. @internal */
export interface AksReplicas {
  readonly minimum: number;
  /** @default - a fixed number of replicas, the minimum */
  readonly maximum?: number | undefined;
  readonly cpuUtilizationPercent: number;
}

/** @internal */
export interface AksServiceProps {
  readonly cluster: IScoringCluster;
  readonly specification: WebserviceSpecification;
  readonly image: IScoringImage;
  readonly modelServer?: (ModelServerContainer & { readonly knownResources: KnownResources }) | undefined;
  readonly replicas: AksReplicas;
  readonly port: number;
  readonly resources: KnownResources;
  readonly publicAddress: PublicAddress;
  readonly namespace?: string | undefined;
  readonly podSecurity: string;
  readonly allowedSourceRanges?: string[] | undefined;
  readonly tags?: Record<string, string> | undefined;
}

const ANNOTATION = 'service.beta.kubernetes.io';
/** Keys of the Secret, which become files next to the configuration. Named as in a `kubernetes.io/tls` Secret. */
const CERTIFICATE_KEY = 'tls.crt';
const PRIVATE_KEY_KEY = 'tls.key';

/** Time limit for a pod to become ready. */
const DEADLINE_SECONDS = 300;
/** The same with a model server, whose image can be larger than 10 GB. */
const MODEL_SERVER_DEADLINE_SECONDS = 1800;
/** Callers keep their connections, so without a limit, pods that are added get no calls. */
const MAX_CONNECTION_AGE_SECONDS = 300;

/** By web service. */
const services = new WeakMap<IConstruct, AksService>();

/** Resources that `AksCompute` declares for a web service. */
export class AksService extends Construct {
  /**
   * Returns the resources of a web service that runs on AKS.
   * @throws ConstructError if the web service does not run on AKS
   */
  static of(webservice: IConstruct): AksService {
    const found = services.get(webservice);
    if (!found) {
      throw new ConstructError(
        webservice,
        'the service does not run on AKS; pass a service whose compute is AksCompute',
      );
    }
    return found;
  }

  /** @default - an existing IP address is used */
  readonly publicIp?: PublicIp | undefined;
  /** @default - an existing namespace is used */
  readonly namespace?: NamespaceV1 | undefined;
  /** Resource whose id changes when the content served by the pods changes, which replaces them one at a time. */
  readonly revision: TerraformData;
  readonly configMap: ConfigMapV1;
  /** @default - no TLS */
  readonly secret?: SecretV1 | undefined;
  readonly deployment: DeploymentV1;
  readonly service: ServiceV1;
  readonly podDisruptionBudget: PodDisruptionBudgetV1;
  readonly networkPolicy: NetworkPolicyV1;
  /** @default - no autoscaling */
  readonly autoscaler?: HorizontalPodAutoscalerV2 | undefined;
  readonly endpoint: WebserviceEndpoint;

  /** @internal Called only by a compute. */
  static _declare(scope: Construct, id: string, props: AksServiceProps): AksService {
    return new AksService(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: AksServiceProps) {
    super(scope, id);
    services.set(scope, this);
    const { cluster, specification, image, modelServer, replicas, port } = props;
    const { ssl } = specification;
    const provider = cluster.kubernetesProvider(this);
    const name = limitedName(specification.serviceName, 63);
    const labels = { 'app.kubernetes.io/name': 'cdktf-brainwave', 'app.kubernetes.io/instance': name };

    const certificate = ssl && aksCertificate(this, ssl, cluster.provider);
    // Keys are checked only under TLS.
    const keys = ssl && specification.keys && provideKeys(this, specification.keys);
    const granted = [
      ...(image.containerRegistryId === undefined ? [] : cluster.grantPull(this, image.containerRegistryId)),
      ...(modelServer?.containerRegistryId === undefined
        ? []
        : cluster.grantPull(this, modelServer.containerRegistryId)),
    ];
    const address = this.address(props);
    this.publicIp = address.publicIp;

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
    const namespace = this.namespace ? name : props.namespace;
    const metadata = { name, namespace, labels };
    const inNamespace: ITerraformDependable[] = this.namespace
      ? [this.namespace]
      : dependablesFor(this, cluster.dependables);

    const configuration = jsonTemplate(this.configuration(props, keys !== undefined));
    this.configMap = new ConfigMapV1(this, 'Configuration', {
      provider,
      metadata,
      data: { [SERVER_FILES.configuration]: configuration },
      dependsOn: inNamespace,
    });
    if (certificate) {
      this.secret = new SecretV1(this, 'Secret', {
        provider,
        metadata,
        type: 'Opaque',
        data: {
          [CERTIFICATE_KEY]: certificate.certificate,
          [PRIVATE_KEY_KEY]: certificate.privateKey,
          ...(keys && {
            [SERVER_FILES.keys]: jsonTemplate({
              primaryKey: keys.primaryKey,
              secondaryKey: keys.secondaryKey,
            }),
          }),
        },
        dependsOn: inNamespace,
      });
    }
    this.revision = new TerraformData(this, 'Revision', {
      triggersReplace: revisionOf(props, configuration, certificate, keys),
    });

    const devices = modelServer && cluster.accelerator.resourceName !== undefined ? modelServer.devices : 0;
    // If all devices are in use, a new pod would stay pending: an old pod must stop first.
    const surges = () => cluster.hasRoomFor(devices);
    this.deployment = new DeploymentV1(this, 'Deployment', {
      provider,
      metadata,
      // The progress deadline ends a rollout that is stuck. A rollout that progresses may take longer than one pod.
      timeouts: { create: '60m', update: '60m', delete: '10m' },
      spec: {
        // With autoscaling, only the number to start with.
        replicas: `${replicas.minimum}`,
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: modelServer ? MODEL_SERVER_DEADLINE_SECONDS : DEADLINE_SECONDS,
        minReadySeconds: 5,
        selector: { matchLabels: labels },
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: {
            maxSurge: Lazy.stringValue({ produce: () => (surges() ? '1' : '0') }),
            maxUnavailable: Lazy.stringValue({ produce: () => (surges() ? '0' : '1') }),
          },
        },
        template: {
          metadata: { labels, annotations: { [REVISION_ANNOTATION]: this.revision.id } },
          spec: aksPod({
            cluster,
            labels,
            image: image.imageUri,
            resources: props.resources,
            configMapName: name,
            secretName: certificate && name,
            modelServer,
          }),
        },
      },
      // Managed by the autoscaler.
      lifecycle: replicas.maximum === undefined ? undefined : { ignoreChanges: ['spec[0].replicas'] },
      dependsOn: [
        this.configMap,
        ...(this.secret ? [this.secret] : []),
        ...dependablesFor(this, [...cluster.dependables, ...image.dependables, ...granted]),
      ],
    });
    this.node.defaultChild = this.deployment;
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
    if (replicas.maximum !== undefined) {
      this.autoscaler = new HorizontalPodAutoscalerV2(this, 'Autoscaler', {
        provider,
        metadata,
        spec: {
          minReplicas: replicas.minimum,
          maxReplicas: replicas.maximum,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
          metric: [
            {
              type: 'Resource',
              resource: {
                name: 'cpu',
                target: { type: 'Utilization', averageUtilization: replicas.cpuUtilizationPercent },
              },
            },
          ],
        },
        dependsOn: [this.deployment],
      });
    }
    this.service = new ServiceV1(this, 'Service', {
      provider,
      metadata: {
        ...metadata,
        annotations: {
          [`${ANNOTATION}/azure-load-balancer-resource-group`]: address.resourceGroupName,
          [`${ANNOTATION}/azure-pip-name`]: address.name,
        },
      },
      spec: {
        type: 'LoadBalancer',
        selector: labels,
        port: [{ name: 'grpc', port, targetPort: `${SERVICE_PORT}`, protocol: 'TCP' }],
        loadBalancerSourceRanges: props.allowedSourceRanges,
      },
      dependsOn: [...inNamespace, ...address.dependables],
    });
    this.endpoint = {
      address: address.ipAddress,
      port,
      hostname: ssl?.hostname,
      primaryKey: keys?.primaryKey,
      secondaryKey: keys?.secondaryKey,
      rootCertificateFile: ssl?.rootCertificateFile,
      revision: this.revision.id,
      reportsRevision: true,
      rollout: {
        connections: rolloutConnections(replicas.minimum),
        timeoutSeconds: DEADLINE_SECONDS,
        inspect: `kubectl rollout status deployment/${name} --namespace ${namespace}`,
      },
      dependables: [
        this.deployment,
        this.service,
        this.networkPolicy,
        ...(this.autoscaler ? [this.autoscaler] : []),
      ],
    };
  }

  private address({ cluster, publicAddress, tags }: AksServiceProps): Address {
    const { provider } = cluster;
    const { resourceGroupName, existingName } = publicAddress;
    const granted = resourceGroupName === undefined ? [] : cluster.grantNetwork(this, resourceGroupName);
    const dependables = dependablesFor(this, granted);
    const group = resourceGroupName ?? cluster.nodeResourceGroupName;
    if (existingName !== undefined) {
      const data = new DataAzurermPublicIp(this, 'PublicIp', {
        name: existingName,
        resourceGroupName: group,
        provider,
      });
      return { name: existingName, resourceGroupName: group, ipAddress: data.ipAddress, dependables };
    }
    const publicIp = new PublicIp(this, 'PublicIp', {
      name: azureName(this, AZURE_NAMES.network),
      resourceGroupName: group,
      location: cluster.location,
      allocationMethod: 'Static',
      sku: 'Standard',
      tags,
      provider,
    });
    return {
      name: publicIp.name,
      resourceGroupName: group,
      ipAddress: publicIp.ipAddress,
      dependables,
      publicIp,
    };
  }

  private configuration(props: AksServiceProps, hasKeys: boolean): ServeConfigurationFile {
    const { specification, resources, modelServer } = props;
    return imageConfiguration(specification, {
      tls: specification.ssl && { certificateFile: CERTIFICATE_KEY, privateKeyFile: PRIVATE_KEY_KEY },
      keyFile: hasKeys ? SERVER_FILES.keys : undefined,
      workers: Math.max(1, Math.floor(resources.cpuLimitCores)),
      maxConnectionAgeSeconds: MAX_CONNECTION_AGE_SECONDS,
      accelerator: modelServer && {
        protocol: modelServer.protocol,
        address: `127.0.0.1:${modelServer.port}`,
        modelName: modelServer.modelName,
        modelVersion: modelServer.modelVersion,
        maxMessageBytes: modelServer.maxMessageBytes,
      },
    });
  }
}

interface Address {
  readonly name: string;
  readonly resourceGroupName: string;
  readonly ipAddress: string;
  readonly dependables: ITerraformDependable[];
  readonly publicIp?: PublicIp | undefined;
}

/** Returns the values whose changes replace the pods. Secrets are represented by digests, kept only in the state. */
function revisionOf(
  { image, specification, modelServer }: AksServiceProps,
  configuration: string,
  certificate: AksCertificate | undefined,
  keys: ProvidedKeys | undefined,
): Record<string, string | undefined> {
  return {
    image: image.imageUri,
    configuration,
    model: specification.model.location?.revision,
    modelServer: modelServer?.image,
    hostname: specification.ssl?.hostname,
    certificate: certificate?.revision,
    keys: keys?.revision,
  };
}
