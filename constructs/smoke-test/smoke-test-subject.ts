import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

import type { StepInput } from '../../lib/contract/steps';
import type { IOnlineEndpoint } from '../online-endpoint/online-endpoint-reference';
import { endpointTarget } from '../online-endpoint/smoke-test-target';
import { prerequisitesFor, webserviceTarget } from '../webservice/smoke-test-target';
import type { IWebservice, WebserviceRollout } from '../webservice/webservice';

/** What a smoke test needs to know of what it tests. */
export interface SmokeTestSubject {
  /** The target, as the step takes it. What DNS says is known when all is declared. */
  readonly target: () => StepInput<'smoke-test'>['test']['target'];
  /** There at apply. */
  readonly keyFile?: string | undefined;
  /** Sensitive tokens. */
  readonly keys?: { readonly primaryKey: string; readonly secondaryKey: string } | undefined;
  readonly revision: string;
  readonly rollout?: WebserviceRollout | undefined;
  readonly labels?: string[] | undefined;
  /** What must be there before. More may be declared later. */
  readonly dependables: () => readonly ITerraformDependable[];
}

/** A web service over gRPC, for a test in this scope. */
export function webserviceSubject(scope: Construct, service: IWebservice): SmokeTestSubject {
  const { endpoint, model } = service;
  const { hostname, primaryKey, secondaryKey, rollout } = endpoint;
  return {
    target: () => webserviceTarget(scope, service),
    keyFile: endpoint.keyFile,
    // Without TLS no key is checked.
    keys:
      hostname !== undefined && primaryKey !== undefined && secondaryKey !== undefined
        ? { primaryKey, secondaryKey }
        : undefined,
    revision: endpoint.revision,
    rollout,
    labels: model?.labels,
    dependables: () => [...endpoint.dependables, ...prerequisitesFor(scope, service)],
  };
}

/** An online endpoint over HTTP. */
export function endpointSubject(endpoint: IOnlineEndpoint): SmokeTestSubject {
  const { keyFile, primaryKey, secondaryKey, revision } = endpoint;
  return {
    target: () => endpointTarget(endpoint),
    keyFile,
    keys: primaryKey !== undefined && secondaryKey !== undefined ? { primaryKey, secondaryKey } : undefined,
    revision,
    dependables: () => endpoint.dependables,
  };
}
