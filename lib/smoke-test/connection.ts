import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';

import { formatAddress, type Address } from '../connection/address';
import { isServiceKey, readServiceKey } from '../client/key-file';
import { readInput } from './read-input';
import { inputError } from './smoke-test-error';
import type { SmokeTestTarget } from './smoke-test-options';
import type { SmokeTestProtocol } from './smoke-test-report';

/** A target with its defaults, and with what its files hold. */
export interface Connection {
  readonly protocol: SmokeTestProtocol;
  /** What clients call. */
  readonly host: string;
  readonly port: number;
  /** What is connected to: the host, or an address in its place. */
  readonly address: Address;
  /** The name that the certificate is checked against. */
  readonly serverName: string;
  readonly path: string;
  /** Absent for plaintext. */
  readonly tls?: ConnectionTls;
  readonly key?: string;
  readonly model?: string;
  readonly modelVersion?: string;
}

/** PEM. */
export interface ConnectionTls {
  /** What to trust in place of the public roots. */
  readonly rootCertificates?: Buffer;
  /** What to show to a service that asks for a certificate. */
  readonly clientCertificate?: { readonly certificateChain: Buffer; readonly privateKey: Buffer };
  /** What was deployed. */
  readonly deployed?: X509Certificate;
}

/**
 * Reads a target's files.
 * @throws SmokeTestError SMOKE_TEST_INPUT; InvalidInputError for a key file that holds none
 */
export async function openConnection(target: SmokeTestTarget): Promise<Connection> {
  const { protocol = 'grpc', host, port, connectTo, path = '/score', model, modelVersion } = target;
  requireMeant(target);
  const address = { host: connectTo ?? withoutLocalhostName(host), port };
  const key = target.keyFile === undefined ? target.key : await readServiceKey(target.keyFile);
  return {
    protocol,
    host,
    port,
    address,
    serverName: target.serverName ?? host,
    path,
    ...(target.tls && { tls: await readTls(target) }),
    // Without TLS no key is checked, and everybody on the way could read it.
    ...(target.tls && key !== undefined && { key }),
    ...(model !== undefined && { model }),
    ...(modelVersion !== undefined && { modelVersion }),
  };
}

async function readTls(target: SmokeTestTarget): Promise<ConnectionTls> {
  const { rootCertificateFile, certificateFile, clientCertificateFile, clientKeyFile } = target;
  return {
    ...(rootCertificateFile !== undefined && {
      rootCertificates: (await readCertificate('root certificate', rootCertificateFile)).pem,
    }),
    ...(clientCertificateFile !== undefined &&
      clientKeyFile !== undefined && {
        clientCertificate: await readClientCertificate(clientCertificateFile, clientKeyFile),
      }),
    ...(certificateFile !== undefined && {
      deployed: (await readCertificate('deployed certificate', certificateFile)).certificate,
    }),
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
): Promise<NonNullable<ConnectionTls['clientCertificate']>> {
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
