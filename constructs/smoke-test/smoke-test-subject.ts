import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

import type { EndpointTarget } from '../../lib/smoke-test/parse-options';
import type { SmokeTestTarget } from '../../lib/smoke-test/smoke-test-options';
import type { SmokeTestProtocol } from '../../lib/smoke-test/smoke-test-report';
import type { OnlineDeployment } from '../online-endpoint/online-deployment';
import { endpointTarget, type IOnlineEndpoint } from '../online-endpoint/online-endpoint-reference';
import { prerequisitesFor, webserviceTarget, webserviceTargetAt } from '../webservice/smoke-test-target';
import type { WebserviceRollout } from '../webservice/rollout';
import { isInSameStack } from '../terraform/dependables';
import { readKeys } from '../tls-and-keys/provided-keys';
import {
  WebserviceProtocol,
  type IWebservice,
  type IWebserviceDeployment,
  type IWebservicePods,
  type WebserviceEndpoint,
} from '../webservice/webservice';

/** Service that a smoke test tests. */
export interface SmokeTestSubject {
  readonly protocol: SmokeTestProtocol;
  readonly plaintext: boolean;
  /** Target of the step. Complete once all DNS records are declared. */
  readonly target: () => SmokeTestTarget | EndpointTarget;
  /** Key file, which exists at apply. */
  readonly keyFile?: string | undefined;
  /** Keys as sensitive tokens. */
  readonly keys?: { readonly primaryKey: string; readonly secondaryKey: string } | undefined;
  readonly revision: string;
  /** Whether the service reports the revision. */
  readonly reportsRevision?: boolean | undefined;
  readonly rollout?: WebserviceRollout | undefined;
  /** Whether only callers in a private network, or in the cluster, reach the service. */
  readonly isPrivate?: boolean | undefined;
  /** Pods that run the service. */
  readonly pods?: IWebservicePods | undefined;
  /** Whether the test must pass before callers reach the pods. */
  readonly testsBeforeTraffic: boolean;
  /** Whether callers reach the tested version only by its share of the traffic. */
  readonly hasShare?: boolean | undefined;
  /** Deployment that gets requests once the test has passed. */
  readonly deployment?: IWebserviceDeployment | undefined;
  /** Target with another address, which need not be the one of the certificate. */
  readonly targetAt?: ((address: string, port: number) => SmokeTestTarget) | undefined;
  readonly labels?: string[] | undefined;
  /** Resources that must exist before the test. More may be declared later. */
  readonly dependables: () => readonly ITerraformDependable[];
}

/** A web service over gRPC, for a test in this scope. */
export function webserviceSubject(scope: Construct, service: IWebservice): SmokeTestSubject {
  const { endpoint, model } = service;
  const { hostname, reportsRevision, rollout } = endpoint;
  const isInStack = isInSameStack(scope, service);
  return {
    protocol: endpoint.protocol ?? WebserviceProtocol.GRPC,
    plaintext: hostname === undefined,
    target: () => webserviceTarget(scope, service),
    keyFile: endpoint.keyFile,
    // Without TLS no key is checked.
    keys: hostname === undefined ? undefined : keysOf(scope, endpoint),
    revision: endpoint.revision,
    reportsRevision,
    rollout,
    // A test in another stack runs after the whole stack of the service.
    testsBeforeTraffic: isInStack && endpoint.pods?.testedBeforeTraffic === true,
    hasShare: endpoint.testAddress !== undefined,
    deployment: isInStack ? endpoint.deployment : undefined,
    isPrivate: endpoint.isPrivate,
    pods: endpoint.pods,
    targetAt: (address, port) => webserviceTargetAt(service, address, port),
    labels: model?.labels,
    dependables: () => [...endpoint.dependables, ...prerequisitesFor(scope, service)],
  };
}

/** The keys for a test in this scope. Values from a vault cannot come from another stack, so the test reads them itself. */
function keysOf(
  scope: Construct,
  { keyVaultKeys, primaryKey, secondaryKey }: WebserviceEndpoint,
): SmokeTestSubject['keys'] {
  if (keyVaultKeys) {
    return readKeys(scope, keyVaultKeys);
  }
  return primaryKey !== undefined && secondaryKey !== undefined ? { primaryKey, secondaryKey } : undefined;
}

/** A deployment of an online endpoint over HTTP, for a test in this scope. */
export function deploymentSubject(scope: Construct, deployment: OnlineDeployment): SmokeTestSubject {
  const { endpoint, deploymentName } = deployment;
  return {
    ...endpointSubject(endpoint),
    target: () => ({ ...endpointTarget(endpoint), deployment: deploymentName }),
    deployment: isInSameStack(scope, deployment) ? deployment : undefined,
    revision: deployment._direct.revision,
    dependables: () => deployment._direct.dependables,
  };
}

/** An online endpoint over HTTP. */
export function endpointSubject(endpoint: IOnlineEndpoint): SmokeTestSubject {
  const { keyFile, primaryKey, secondaryKey, revision } = endpoint;
  return {
    protocol: 'http',
    // The scheme of the URI decides, and Terraform may know it only at apply.
    plaintext: false,
    testsBeforeTraffic: false,
    target: () => endpointTarget(endpoint),
    keyFile,
    keys: primaryKey !== undefined && secondaryKey !== undefined ? { primaryKey, secondaryKey } : undefined,
    revision,
    dependables: () => endpoint.dependables,
  };
}
