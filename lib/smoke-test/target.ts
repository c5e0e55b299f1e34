import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createSecureContext } from 'node:tls';

import { readServiceKey } from '../client/key-file';
import type { Address } from '../connection/address';
import type { ConnectionTarget } from '../connection/connection-diagnosis';
import { isLocalhostName } from '../connection/name-lookup';
import type { OptionNames } from '../validation/option-names';
import { clientOptionNames } from './client-option-names';
import { inputError } from './smoke-test-error';
import { TLS_FILES, type SmokeTestTarget } from './smoke-test-options';
import type { SmokeTestProtocol } from './smoke-test-report';

/** A target with its defaults and the content of its files. */
export interface ResolvedTarget extends Pick<
  SmokeTestTarget,
  'connectTo' | 'expectedAddress' | 'deployment' | 'modelName' | 'modelVersion' | 'outputName'
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
  /** `undefined` for plaintext. */
  readonly tls: TargetTls | undefined;
  /** `undefined` for plaintext, too: without TLS no key is checked, and anyone on the network path could read it. */
  readonly key: string | undefined;
  /** Where the user sets the options of the test. */
  readonly names: OptionNames;
}

/** Certificates and keys of a target, PEM. */
export interface TargetTls {
  /** Certificates to trust instead of the public roots. */
  readonly rootCertificates: Buffer | undefined;
  /** Certificate to present if the service requests one. */
  readonly clientCertificate: { readonly certificateChain: Buffer; readonly privateKey: Buffer } | undefined;
  /** Certificate that was deployed. */
  readonly deployed: X509Certificate | undefined;
}

/** Returns a target with absolute file paths. `-` stands for standard input and stays unchanged. */
export function withFilesIn(folder: string, target: SmokeTestTarget): SmokeTestTarget {
  const files = (['keyFile', ...TLS_FILES] as const).flatMap((name) => {
    const file = target[name];
    return file === undefined || file === '-' ? [] : [[name, path.resolve(folder, file)]];
  });
  return { ...target, ...(Object.fromEntries(files) as Partial<SmokeTestTarget>) };
}

/**
 * Completes a target with its defaults and reads its files. Makes no connection.
 * @throws SmokeTestError SMOKE_TEST_INPUT for a file that cannot be used; InvalidInputError for a key file that cannot
 */
export async function resolveTarget(target: SmokeTestTarget, names: OptionNames): Promise<ResolvedTarget> {
  const { protocol = 'grpc', host, port, plaintext, connectTo, keyFile } = target;
  const key = keyFile === undefined ? target.key : await readServiceKey(keyFile);
  return {
    protocol,
    host,
    port,
    // Not every resolver resolves names below localhost.
    address: { host: connectTo ?? (isLocalhostName(host) ? 'localhost' : host), port },
    connectTo,
    expectedAddress: target.expectedAddress,
    serverName: target.serverName ?? host,
    path: target.path ?? (protocol === 'http' ? '/score' : ''),
    tls: plaintext ? undefined : await readTls(target),
    key: plaintext ? undefined : key,
    deployment: target.deployment,
    modelName: target.modelName,
    modelVersion: target.modelVersion,
    outputName: target.outputName,
    names,
  };
}

/** Returns the target for the connection diagnosis. */
export function connectionTarget({
  address,
  serverName,
  protocol,
  tls,
  names,
}: ResolvedTarget): ConnectionTarget {
  return {
    address,
    serverName,
    application: protocol === 'grpc' ? 'h2' : 'http/1.1',
    tls: tls && { rootCertificates: tls.rootCertificates, ...tls.clientCertificate },
    names: clientOptionNames(names),
  };
}

/**
 * Reads a file from the options of a smoke test.
 * @param what name of the file in messages
 * @throws SmokeTestError SMOKE_TEST_INPUT if the file cannot be read
 */
export async function readInput(what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw inputError(`cannot read the ${what} ${file} (${String((cause as NodeJS.ErrnoException).code)})`, {
      cause,
    });
  }
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

// OpenSSL ignores invalid root certificates, so the test would report a problem of the service instead.
async function readCertificate(
  what: string,
  file: string,
): Promise<{ pem: Buffer; certificate: X509Certificate }> {
  const pem = await readInput(what, file);
  try {
    return { pem, certificate: new X509Certificate(pem) };
  } catch (cause) {
    throw inputError(`the ${what} ${file} is invalid; expected PEM: -----BEGIN CERTIFICATE-----`, { cause });
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
    // OpenSSL's error code contains no key material.
    throw inputError(
      `the client certificate ${file} and its key ${keyFile} cannot be used ` +
        `(${String((cause as NodeJS.ErrnoException).code)})`,
      { remedy: 'pass a certificate and its own key, both PEM', cause },
    );
  }
  return { certificateChain, privateKey };
}
