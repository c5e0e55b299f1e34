import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ScoringServer, silentLog, type ScoringServerOptions } from '../../lib/server';
import { issueCertificate, type IssuedCertificate } from '../support/certificates';
import { sampleServiceDefinition } from '../support/sample-service-definition';

const quickstart = path.resolve(__dirname, '../../examples/quickstart');

/** The file of the classes' names, class 0 first. */
export const labelsFile = path.join(quickstart, 'models/imagenet-labels.txt');

/** The path of one of the sample's images. */
export const imageFile = (name: string): string => path.join(quickstart, 'images', name);

/** One of the sample's images. */
export const readImage = (name: string): Promise<Buffer> => readFile(imageFile(name));

/** The sample's model served for real, over TLS, with keys. */
export interface SampleService {
  readonly address: string;
  readonly certificate: IssuedCertificate;
  readonly keys: { readonly primaryKey: string; readonly secondaryKey: string };
  readonly server: ScoringServer;
  close(): Promise<void>;
}

/** Starts the sample's service. */
export async function startSampleService(
  options: Partial<ScoringServerOptions> = {},
): Promise<SampleService> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sample-service-'));
  const zip = path.join(folder, 'model.zip');
  await writeFile(zip, sampleServiceDefinition()._toZip());
  const certificate = await issueCertificate({ names: ['127.0.0.1', 'scoring.localhost'] });
  const keys = { primaryKey: 'the-primary-key', secondaryKey: 'the-secondary-key' };
  const server = await ScoringServer.start({
    model: { name: 'efficientnet-lite0', path: zip },
    port: 0,
    tls: certificate,
    keys,
    log: silentLog,
    ...options,
  });
  return {
    address: `127.0.0.1:${server.port}`,
    certificate,
    keys,
    server,
    close: async () => {
      await server.stop(0);
      await rm(folder, { recursive: true });
    },
  };
}
