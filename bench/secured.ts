import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { createSelfSignedCertificate } from '../dist/lib/tls';

/** Certificate and key of the servers of a run, for servers and clients. */
export interface Secured {
  readonly hostname: string;
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly key: string;
  readonly certificateFile: string;
  /** Metadata as JSON, in the format of ghz. */
  readonly metadataFile: string;
}

/** Creates a certificate and a key for the servers of a row. */
export async function secured(folder: string): Promise<Secured> {
  const hostname = 'scoring.localhost';
  const { certificate, privateKey } = await createSelfSignedCertificate({ hostname });
  const key = randomBytes(24).toString('base64url');
  await mkdir(folder, { recursive: true });
  const certificateFile = path.join(folder, 'certificate.pem');
  const metadataFile = path.join(folder, 'metadata.json');
  await writeFile(certificateFile, certificate);
  await writeFile(metadataFile, JSON.stringify({ authorization: key }), { mode: 0o600 });
  return { hostname, certificate, privateKey, key, certificateFile, metadataFile };
}
