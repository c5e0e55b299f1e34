import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { createSelfSignedCertificate } from '../dist/lib/tls';

/** What every server of a run serves with, and its clients trust and show. */
export interface Secured {
  readonly hostname: string;
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly key: string;
  readonly certificateFile: string;
  /** JSON, as ghz reads metadata. */
  readonly metadataFile: string;
}

/** Makes a certificate and a key for a row's servers. */
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
