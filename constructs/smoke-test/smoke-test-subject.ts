import { Lazy, TerraformOutput, TerraformStack, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import type { StepInput } from '../../lib/contract/steps';
import type { IOnlineEndpoint } from '../online-endpoint/online-endpoint-reference';
import type { IWebservice, WebserviceRollout } from '../webservice/webservice';

/** What a smoke test needs to know of what it tests. */
export interface SmokeTestSubject {
  /** The target, as the step takes it, without its keys. What DNS says is known when all is declared. */
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
  const { address, port, hostname, primaryKey, secondaryKey, rootCertificateFile, rollout } = endpoint;
  return {
    target: () => ({
      protocol: 'grpc',
      host: hostname ?? address,
      port,
      tls: hostname !== undefined,
      ...(hostname !== undefined &&
        (prerequisitesOf(scope, service).some(isPublicRecord)
          ? { expectedAddress: address }
          : { connectTo: address })),
      ...(rootCertificateFile !== undefined && { rootCertificateFile }),
      ...(model && { model: model.modelName, modelVersion: model.modelVersion }),
    }),
    keyFile: endpoint.keyFile,
    // Without TLS no key is checked.
    keys:
      hostname !== undefined && primaryKey !== undefined && secondaryKey !== undefined
        ? { primaryKey, secondaryKey }
        : undefined,
    revision: endpoint.revision,
    rollout,
    labels: model?.labels,
    dependables: () => [...endpoint.dependables, ...prerequisitesOf(scope, service)],
  };
}

/** An online endpoint over HTTP. */
export function endpointSubject(endpoint: IOnlineEndpoint): SmokeTestSubject {
  const { scoringUri, address, keyFile, primaryKey, secondaryKey, rootCertificateFile, revision } = endpoint;
  return {
    target: () => ({
      scoringUri,
      ...(address !== undefined && { connectTo: address }),
      ...(rootCertificateFile !== undefined && { rootCertificateFile }),
    }),
    keyFile,
    keys: primaryKey !== undefined && secondaryKey !== undefined ? { primaryKey, secondaryKey } : undefined,
    revision,
    dependables: () => endpoint.dependables,
  };
}

/** Puts what is to be tested into the stack's outputs, for `cdktf-brainwave smoke-test --outputs`. */
export function addSmokeTestTarget(scope: Construct, { target, keyFile }: SmokeTestSubject): void {
  new TerraformOutput(scope, 'SmokeTestTarget', {
    value: Lazy.anyValue({ produce: () => ({ ...target(), ...(keyFile !== undefined && { keyFile }) }) }),
  });
}

/** A stack with the service's records needs the service's stack: a test in that one cannot wait for them. */
function prerequisitesOf(scope: Construct, service: IWebservice): readonly ITerraformDependable[] {
  const stack = TerraformStack.of(scope);
  const all = service.clientPrerequisites;
  return TerraformStack.of(service) === stack
    ? all.filter((each) => !Construct.isConstruct(each) || TerraformStack.of(each) === stack)
    : all;
}

/** A record that the resolvers of this machine can know: not one of a private zone. */
function isPublicRecord(prerequisite: ITerraformDependable): boolean {
  return (
    'terraformResourceType' in prerequisite && prerequisite.terraformResourceType === 'azurerm_dns_a_record'
  );
}
