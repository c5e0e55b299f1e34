import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import type { Metric, MetricOptions } from '../metrics/metric';
import type { IRegisteredModel } from '../model/registered-model-reference';
import type { KeyVaultApiKeysConfiguration } from '../tls-and-keys/api-keys';
import type { WebserviceRollout } from './rollout';

/** Kind of a service's address, which decides the type of its DNS record. */
export enum AddressType {
  /** A record. */
  IPV4 = 'ipv4',
  /** AAAA record. */
  IPV6 = 'ipv6',
  /** CNAME record. */
  HOSTNAME = 'hostname',
}

/** How a step signs in to a Kubernetes cluster. */
export interface StepAccess {
  /** Kubeconfig, relative to the project's folder, or starting with `~` or `/`. */
  readonly kubeconfigFile: string;
  /** @default - the current context of the kubeconfig */
  readonly kubeconfigContext?: string | undefined;
  /**
   * JSON of the kubeconfig, a sensitive token, if the step must write it first.
   * @default - the kubeconfig exists
   */
  readonly kubeconfig?: string | undefined;
}

/** Pods of a service on Kubernetes, as a step reaches them. */
export interface PodsAccess extends StepAccess {
  readonly namespace: string;
  /** Value of the pods' label `cdktf-brainwave/revision`. */
  readonly revision: string;
  /** Port of the server in a pod. */
  readonly port: number;
  /** Image of the server, which contains the smoke test, too. */
  readonly image: string;
  /** Secrets with which nodes pull the image. @default - none */
  readonly imagePullSecrets?: string[] | undefined;
}

/** Pods of the current revision of a service on Kubernetes. */
export interface IWebservicePods {
  readonly namespace: string;
  /** Labels that the pods of all revisions have. */
  readonly labels: Record<string, string>;
  /** Regular expression that the names of the service's Deployments match, in the syntax of RE2. */
  readonly deploymentPattern: string;
  /** Resources that exist when the pods are ready. */
  readonly dependables: ITerraformDependable[];
  /** IP address of the service inside the cluster. */
  readonly clusterAddress: string;
  /** Port of the service inside the cluster. */
  readonly clusterPort: number;
  /** Whether callers reach the pods only once the tests of the service have passed. */
  readonly testedBeforeTraffic: boolean;

  /**
   * Returns how a step reaches the pods.
   * @param step name of the step, unique in the project
   */
  access(step: string): PodsAccess;

  /** Returns the Kubernetes provider of the pods' cluster in the stack of `scope`. */
  provider(scope: Construct): TerraformProvider;

  /** Adds a test that must pass before callers reach the pods. Until synth. */
  addTest(test: ITerraformDependable): void;
}

/** A deployment of an online endpoint that runs a web service, next to others. */
export interface IWebserviceDeployment {
  readonly deploymentName: string;

  /** Adds a test that must pass before the deployment gets requests. Until synth. */
  addTest(test: ITerraformDependable): void;
}

/** A load balancer on Azure that probes the replicas of a service. */
export interface AzureLoadBalancer {
  /** ARM id. */
  readonly loadBalancerId: string;
  readonly resourceGroupName: string;
  /** @default - the azurerm provider without an alias */
  readonly provider?: TerraformProvider | undefined;
}

/** Protocol that callers of a service use. */
export enum WebserviceProtocol {
  /** TensorFlow Serving's gRPC protocol. REST and gRPC-Web work on the same port. */
  GRPC = 'grpc',
  /** TensorFlow Serving's REST API, because a gateway in front of the service does not forward gRPC. */
  REST = 'rest',
}

/** Address of a web service, and what clients need to call it. */
export interface WebserviceEndpoint {
  /** IP address or host name of the service. */
  readonly address: string;
  /** @default AddressType.IPV4 */
  readonly addressType?: AddressType | undefined;
  /**
   * Whether only callers in a private network, or in the cluster, reach the address.
   * @default - not known
   */
  readonly isPrivate?: boolean | undefined;
  readonly port: number;
  /** @default WebserviceProtocol.GRPC */
  readonly protocol?: WebserviceProtocol | undefined;
  /**
   * Host name that clients check the certificate against.
   * @default - no TLS
   */
  readonly hostname?: string | undefined;
  /**
   * Key file that exists at apply, relative to the project's folder: JSON `{"primaryKey","secondaryKey"}`.
   * @default - the keys are the tokens below, or there are none
   */
  readonly keyFile?: string | undefined;
  /**
   * Key vault secrets with the keys, for a smoke test that reads them there: their values are not in the state.
   * @default - the keys are in a file or the tokens below, or there are none
   */
  readonly keyVaultKeys?: KeyVaultApiKeysConfiguration | undefined;
  /**
   * A sensitive token.
   * @default - the keys are in a file or a vault, or there are none
   */
  readonly primaryKey?: string | undefined;
  /**
   * A sensitive token.
   * @default - the keys are in a file or a vault, or there are none
   */
  readonly secondaryKey?: string | undefined;
  /**
   * PEM file that exists at apply, relative to the project's folder: root certificates that clients trust in addition to
   * the public ones.
   * @default - only the public root certificates
   */
  readonly rootCertificateFile?: string | undefined;
  /**
   * Rollout that a smoke test must wait for, so that it does not test the previous deployment. Set it if a change reaches
   * the machines only after Terraform has finished.
   * @default - the change is complete when Terraform has finished
   */
  readonly rollout?: WebserviceRollout | undefined;
  /** Value that changes when the deployment changes: the model, the keys, the certificate or the address. */
  readonly revision: string;
  /**
   * Whether the server reports the revision to callers, so that a smoke test can require it.
   * @default false
   */
  readonly reportsRevision?: boolean | undefined;
  /**
   * Pods that run the service.
   * @default - the service does not run on Kubernetes
   */
  readonly pods?: IWebservicePods | undefined;
  /**
   * Deployment that runs the service, if its online endpoint has several. A smoke test calls it, whatever share of the requests it
   * gets.
   * @default - all requests reach the service
   */
  readonly deployment?: IWebserviceDeployment | undefined;
  /**
   * Host name at which a smoke test reaches what the stack deploys, whatever share of the calls that gets. Its certificate must have
   * this name.
   * @default - `address`
   */
  readonly testAddress?: string | undefined;
  /**
   * Labels that all series of the service have in Prometheus, and no others.
   * @default - unknown; metrics select the series of every scoring server
   */
  readonly metricLabels?: Record<string, string> | undefined;
  /**
   * Load balancer on Azure, with the SKU Standard, that probes the replicas.
   * @default - Azure Monitor knows nothing of the replicas
   */
  readonly loadBalancer?: AzureLoadBalancer | undefined;
  /**
   * Value of the TXT record `asuid.<host name>` with which the platform verifies that the host name is yours.
   * @default - the platform verifies nothing
   */
  readonly domainVerificationId?: string | undefined;
  /** Resources that exist when the service is ready. */
  readonly dependables: ITerraformDependable[];
}

/** Options of a latency metric. */
export interface LatencyMetricOptions extends MetricOptions {
  /**
   * Greater than 0 and less than 100.
   * @default 99
   */
  readonly percentile?: number | undefined;
}

/** A scoring web service. */
export interface IWebservice extends IConstruct {
  readonly serviceName: string;
  readonly endpoint: WebserviceEndpoint;
  /**
   * Model that the service runs.
   * @default - unknown to the stack
   */
  readonly model?: IRegisteredModel | undefined;
  /** Resources between the service and its clients, such as DNS records. A smoke test runs after them. */
  readonly clientPrerequisites: ITerraformDependable[];

  /** Adds resources to `clientPrerequisites`, even after a smoke test was declared. */
  addClientPrerequisite(prerequisite: ITerraformDependable): void;

  /** Calls per second. */
  metricRequests(options?: MetricOptions): Metric;

  /** Calls per second, by gRPC status. */
  metricRequestsByCode(options?: MetricOptions): Metric;

  /** Ratio of calls that failed because of the server or its load, from 0 to 1. Mistakes of callers do not count. */
  metricErrorRatio(options?: MetricOptions): Metric;

  /** Percentile of the time from the arrival of a call to its answer. */
  metricLatency(options?: LatencyMetricOptions): Metric;

  /** Percentile of the time that calls spend in the queue, in decoding and in each stage of the pipeline. */
  metricStageLatency(options?: LatencyMetricOptions): Metric;

  /** Mean number of images or rows that a stage runs at once. */
  metricBatchSize(options?: MetricOptions): Metric;

  /** Calls in flight as a ratio of the limit, from 0 to 1, of the replica with the highest. */
  metricInFlightRatio(options?: MetricOptions): Metric;

  /** Average number of calls that wait for a worker, of the replica with the most. */
  metricQueueLength(options?: MetricOptions): Metric;

  /** Calls per second that were refused because their key is missing or wrong. */
  metricRefusedKeys(options?: MetricOptions): Metric;

  /** Reloads that failed within the window. */
  metricFailedReloads(options?: MetricOptions): Metric;

  /** Days until the certificate expires, of the replica whose certificate expires first. No series without TLS. */
  metricDaysToExpiry(options?: MetricOptions): Metric;

  /** Replicas whose metrics are collected. */
  metricReplicas(options?: MetricOptions): Metric;

  /**
   * Replicas that are not ready. On Kubernetes, `kube-state-metrics` reports them; elsewhere, they are the targets that
   * Prometheus does not reach.
   * @throws ConstructError if the labels of the service's targets are unknown
   */
  metricReplicasNotReady(options?: MetricOptions): Metric;
}
