import { TerraformStack, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import type { SmokeTestTarget } from '../../lib/smoke-test/smoke-test-options';
import { AddressType, WebserviceProtocol, type IWebservice } from './webservice';

/**
 * Returns how a smoke test in this scope calls a web service. Prerequisites that are declared later are included.
 * @internal
 */
export function webserviceTarget(scope: Construct, service: IWebservice): SmokeTestTarget {
  const { model } = service;
  const { address, addressType, port, hostname, keyFile, rootCertificateFile } = service.endpoint;
  const { protocol = WebserviceProtocol.GRPC, deployment, testAddress } = service.endpoint;
  const common = {
    protocol,
    port,
    plaintext: hostname === undefined,
    rootCertificateFile,
    deployment: deployment?.deploymentName,
    modelName: model?.modelName,
    modelVersion: model?.modelVersion,
    keyFile,
  };
  if (testAddress !== undefined) {
    return { ...common, host: testAddress };
  }
  const inDns = prerequisitesFor(scope, service).some(isPublicRecord);
  const isIp = addressType !== AddressType.HOSTNAME;
  // Clients look up the address of a load balancer that has a name, so it is called instead of the certificate's name.
  const serverName = hostname !== undefined && hostname !== address && !inDns && !isIp ? hostname : undefined;
  return {
    ...common,
    host: serverName === undefined ? (hostname ?? address) : address,
    serverName,
    expectedAddress: hostname !== undefined && inDns && isIp ? address : undefined,
    connectTo: hostname !== undefined && !inDns && isIp ? address : undefined,
  };
}

/**
 * Returns how a smoke test calls a web service at another address than callers do. The certificate is checked against the
 * host name of the service.
 * @internal
 */
export function webserviceTargetAt(
  { endpoint, model }: IWebservice,
  address: string,
  port: number,
): SmokeTestTarget {
  const { hostname, keyFile, rootCertificateFile } = endpoint;
  return {
    protocol: 'grpc',
    host: hostname ?? address,
    port,
    plaintext: hostname === undefined,
    connectTo: hostname === undefined ? undefined : address,
    rootCertificateFile,
    modelName: model?.modelName,
    modelVersion: model?.modelVersion,
    keyFile,
  };
}

/**
 * Returns the prerequisites of a web service that a test in this scope can wait for. A stack with DNS records of the
 * service depends on the stack of the service, so a test in the service's stack cannot wait for them.
 * @internal
 */
export function prerequisitesFor(scope: Construct, service: IWebservice): readonly ITerraformDependable[] {
  const stack = TerraformStack.of(scope);
  const all = service.clientPrerequisites;
  return TerraformStack.of(service) === stack
    ? all.filter((each) => !Construct.isConstruct(each) || TerraformStack.of(each) === stack)
    : all;
}

/** Returns whether a record is in a public zone, so that public resolvers can resolve it. */
function isPublicRecord(prerequisite: ITerraformDependable): boolean {
  return (
    'terraformResourceType' in prerequisite &&
    /^azurerm_dns_(a|aaaa|cname)_record$/.test(String(prerequisite.terraformResourceType))
  );
}
