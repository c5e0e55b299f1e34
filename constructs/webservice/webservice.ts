import type { ITerraformDependable } from 'cdktf';
import type { IConstruct } from 'constructs';

import type { IRegisteredModel } from '../model/registered-model-reference';
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

  /** Adds a test that must pass before callers reach the pods. Until synth. */
  addTest(test: ITerraformDependable): void;
}

/** Address of a web service, and what clients need to call it. */
export interface WebserviceEndpoint {
  /** IP address or host name of the service. */
  readonly address: string;
  /** @default AddressType.IPV4 */
  readonly addressType?: AddressType | undefined;
  readonly port: number;
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
   * A sensitive token.
   * @default - the keys are in a file, or there are none
   */
  readonly primaryKey?: string | undefined;
  /**
   * A sensitive token.
   * @default - the keys are in a file, or there are none
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
  /** Resources that exist when the service is ready. */
  readonly dependables: ITerraformDependable[];
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
}
