import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';

import { formatAddress, type Address } from '../connection/address';
import type { ConnectionTarget } from '../connection/connection-diagnosis';
import { isServiceKey, readServiceKey } from '../client/key-file';
import { readInput } from './read-input';
import { inputError } from './smoke-test-error';
import type { SmokeTestTarget } from './smoke-test-options';
import type { SmokeTestProtocol } from './smoke-test-report';

/** A target with its defaults and the content of its files. */
export interface ResolvedTarget extends Pick<
  SmokeTestTarget,
  'connectTo' | 'expectedAddress' | 'model' | 'modelVersion'
> {
  readonly protocol: SmokeTestProtocol;
  /** Host name or IP address that clients call. */
  readonly host: string;
  readonly port: number;
  /** Address to connect to: `connectTo`, or the host. */
  readonly address: Address;
  /** Name to check the certificate against. */
  readonly serverName: string;
  readonly path: string;
  readonly resolvers: readonly string[];
  /** `undefined` for plaintext. */
  readonly tls: TargetTls | undefined;
  /** `undefined` for plaintext, too: without TLS no key is checked, and anyone on the network path could read it. */
  readonly key: string | undefined;
}

/** Certificates and keys of a target, PEM. */
export interface TargetTls {
  /** Certificates to trust in place of the public roots. */
  readonly rootCertificates: Buffer | undefined;
  /** Certificate to present if the service requests one. */
  readonly clientCertificate: { readonly certificateChain: Buffer; readonly privateKey: Buffer } | undefined;
  /** Certificate that was deployed. */
  readonly deployed: X509Certificate | undefined;
}

/**
 * Completes a target with its defaults and reads its files. Connects to nothing.
 * @throws SmokeTestError SMOKE_TEST_INPUT; InvalidInputError for a key file that holds none
 */
export async function resolveTarget(target: SmokeTestTarget): Promise<ResolvedTarget> {
  const { protocol = 'grpc', host, port, connectTo, path = '/score', model, modelVersion } = target;
  requireMeant(target);
  const key = target.keyFile === undefined ? target.key : await readServiceKey(target.keyFile);
  return {
    protocol,
    host,
    port,
    address: { host: connectTo ?? withoutLocalhostName(host), port },
    connectTo,
    expectedAddress: target.expectedAddress,
    resolvers: target.resolvers ?? [],
    serverName: target.serverName ?? host,
    path,
    tls: target.tls ? await readTls(target) : undefined,
    key: target.tls ? key : undefined,
    model,
    modelVersion,
  };
}

/** The target as connections to it are diagnosed. */
export function connectionTarget({ address, serverName, protocol, tls }: ResolvedTarget): ConnectionTarget {
  return {
    address,
    serverName,
    application: protocol === 'http' ? 'http/1.1' : 'h2',
    tls: tls && { rootCertificates: tls.rootCertificates, ...tls.clientCertificate },
  };
}

async function readTls(target: SmokeTestTarget): Promise<TargetTls> {
  const { rootCertificateFile, certificateFile, clientCertificateFile, clientKeyFile } = target;
  return {
    rootCertificates:
      rootCertificateFile === undefined
        ? undefined
        : (await readCertificate('root certificate', rootCertificateFile)).pem,
    clientCertificate:
      clientCertificateFile === undefined || clientKeyFile === undefined
        ? undefined
        : await readClientCertificate(clientCertificateFile, clientKeyFile),
    deployed:
      certificateFile === undefined
        ? undefined
        : (await readCertificate('deployed certificate', certificateFile)).certificate,
  };
}

// OpenSSL ignores roots that it cannot read, and the test would blame the service for it.
async function readCertificate(
  what: string,
  file: string,
): Promise<{ pem: Buffer; certificate: X509Certificate }> {
  const pem = await readInput(what, file);
  try {
    return { pem, certificate: new X509Certificate(pem) };
  } catch (cause) {
    throw inputError(`the ${what} ${file} is not one; expected PEM: -----BEGIN CERTIFICATE-----`, cause);
  }
}

async function readClientCertificate(
  file: string,
  keyFile: string,
): Promise<NonNullable<TargetTls['clientCertificate']>> {
  const certificateChain = await readInput('client certificate', file);
  const privateKey = await readInput("client certificate's key", keyFile);
  try {
    createSecureContext({ cert: certificateChain, key: privateKey });
  } catch (cause) {
    // OpenSSL's code names no key and no content.
    throw inputError(
      `the client certificate ${file} and its key ${keyFile} cannot be used ` +
        `(${String((cause as NodeJS.ErrnoException).code)}); give a PEM pair that belongs together`,
      cause,
    );
  }
  return { certificateChain, privateKey };
}

function requireMeant(target: SmokeTestTarget): void {
  const { host, port, tls, key, keyFile, connectTo, clientCertificateFile, clientKeyFile } = target;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw inputError(`the port of ${host} is ${port}; expected one from 1 to 65535`);
  }
  if (key !== undefined && keyFile !== undefined) {
    throw inputError('got both a key and a key file; give one of them');
  }
  if (key !== undefined && !isServiceKey(key)) {
    throw inputError(
      `the key for ${formatAddress({ host, port })} is ${key === '' ? 'empty' : 'none that can be sent'}; expected ` +
        'printable ASCII without spaces and line breaks',
    );
  }
  if (target.protocol === 'http' && !tls && (key ?? keyFile) !== undefined) {
    throw inputError(
      `the target is http://${formatAddress({ host, port })}, over which everybody on the way could read the key; ` +
        'use https, or leave out the key',
    );
  }
  if (connectTo !== undefined && isIP(connectTo) === 0) {
    throw inputError(`the address to connect to is "${connectTo}"; expected an IP address`);
  }
  if ((clientCertificateFile === undefined) !== (clientKeyFile === undefined)) {
    throw inputError(
      `got a client certificate without its ${clientKeyFile === undefined ? 'key' : 'certificate'}; give both files`,
    );
  }
}

/** RFC 6761: names below `localhost` are this machine, which not every resolver knows. */
function withoutLocalhostName(host: string): string {
  return isLocalhostName(host) ? 'localhost' : host;
}

/** Whether a name is this machine's without asking anybody (RFC 6761, section 6.3). */
export function isLocalhostName(host: string): boolean {
  return /(^|\.)localhost\.?$/i.test(host);
}
