import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { checkCertificate, createSelfSignedCertificate } from '../tls';
import { LocalError } from '../errors/local-error';
import type { TlsSpecification } from '../contract/workload-specification';
import type { WorkloadFolder } from './workload-folder';
import { SecretFileOpenError, readSecretFile, writePrivateFile } from '../files/secret-file';

/** Number of days before expiry at which a self-signed certificate is renewed. */
const RENEWAL_DAYS = 14;

/**
 * Writes a certificate that the stack provides as a value. `provideCertificate` checks and uses it.
 * @throws SecretFileOpenError if others can read the former private key
 */
export async function writeProvidedCertificate(
  folder: WorkloadFolder,
  certificate: string,
  privateKey: string,
): Promise<void> {
  await folder.requireClosedSecrets();
  await writePrivateFile(folder.providedPrivateKeyFile, privateKey);
  await writePrivateFile(folder.providedCertificateFile, certificate);
}

/**
 * Writes the certificate and the private key of a workload to its folder.
 * @param projectFolder folder to which paths in the specification are relative
 * @throws LocalError CERTIFICATE_UNUSABLE, with all problems of the pair
 */
export async function provideCertificate(
  folder: WorkloadFolder,
  { hostname, selfSigned, files }: TlsSpecification,
  projectFolder: string,
): Promise<void> {
  if (selfSigned) {
    // A short-lived certificate is renewed after half of its validity.
    const renewalDays = Math.min(RENEWAL_DAYS, selfSigned.validityDays / 2);
    if (await isCurrent(folder, hostname, renewalDays)) {
      return;
    }
    const made = await createSelfSignedCertificate({
      hostname,
      ipAddresses: ['127.0.0.1'],
      validityDays: selfSigned.validityDays,
    });
    await write(folder, made.certificate, made.privateKey, made.certificate);
    return;
  }
  if (!files) {
    throw new LocalError(
      'CERTIFICATE_UNUSABLE',
      `TLS is enabled for ${folder.title}, but it has no certificate; apply the stack again`,
    );
  }
  const certificate = await readPem('certificate', path.resolve(projectFolder, files.certificate));
  const privateKey = await readPem(
    'private key',
    path.resolve(projectFolder, files.privateKey),
    readSecretFile,
  );
  const roots = files.rootCertificate
    ? await readPem('root certificate', path.resolve(projectFolder, files.rootCertificate))
    : undefined;
  const problems = checkCertificate({
    certificateChain: certificate,
    privateKey,
    hostname,
    minimumDaysToExpiry: 0,
    allowSelfSigned: files.allowSelfSigned ?? false,
    rootCertificates: roots,
  });
  if (problems.length > 0) {
    throw new LocalError(
      'CERTIFICATE_UNUSABLE',
      `the certificate of ${folder.title} is invalid:\n` +
        problems.map(({ message }) => `- ${message}`).join('\n'),
    );
  }
  await write(folder, certificate, privateKey, roots ?? (files.allowSelfSigned ? certificate : undefined));
}

async function isCurrent(
  folder: WorkloadFolder,
  hostname: string,
  minimumDaysToExpiry: number,
): Promise<boolean> {
  try {
    const certificateChain = await readFile(folder.certificateFile, 'utf8');
    const privateKey = await readFile(folder.privateKeyFile, 'utf8');
    if ((await readFile(folder.rootCertificateFile, 'utf8')) !== certificateChain) {
      // The certificate was not generated here, or clients would not trust it.
      return false;
    }
    const problems = checkCertificate({
      certificateChain,
      privateKey,
      hostname,
      minimumDaysToExpiry,
      allowSelfSigned: true,
    });
    return problems.length === 0;
  } catch {
    return false;
  }
}

async function write(
  folder: WorkloadFolder,
  certificate: string,
  privateKey: string,
  roots: string | undefined,
): Promise<void> {
  await writePrivateFile(folder.privateKeyFile, privateKey);
  await writePrivateFile(folder.certificateFile, certificate);
  if (roots !== undefined) {
    await writePrivateFile(folder.rootCertificateFile, roots);
  } else {
    // Otherwise, clients would continue to trust a former self-signed certificate instead of the public roots.
    await rm(folder.rootCertificateFile, { force: true });
  }
}

async function readPem(
  what: string,
  file: string,
  read: (what: string, file: string) => Promise<string> = readPublicFile,
): Promise<string> {
  try {
    return await read(what, file);
  } catch (error) {
    if (error instanceof SecretFileOpenError) {
      throw new LocalError('CERTIFICATE_UNUSABLE', error.message, { cause: error });
    }
    throw new LocalError(
      'FILE_MISSING',
      `${what} ${file} does not exist; correct the path, which is relative to the project's folder`,
      { cause: error },
    );
  }
}

function readPublicFile(_what: string, file: string): Promise<string> {
  return readFile(file, 'utf8');
}
