import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { LocalWorkload } from '../../../lib/local/local-workload';
import { LocalWorkloads } from '../../../lib/local/local-workloads';
import type { ServiceSpecification } from '../../../lib/contract/workload-specification';
import { ModelRegistry } from '../../../lib/local/model-registry';
import { afterwards } from '../../support/cleanup';
import { freePort } from '../../support/free-port';
import { temporaryFolder } from '../../support/temporary-folder';
import { tinyModel, type TinyModelOptions } from '../../support/tiny-model';

/** A project's folder with its services and models; all of it goes when the test ends. */
export interface LocalProject {
  readonly folder: string;
  readonly stateFolder: string;
  readonly workloads: LocalWorkloads;
  service(name: string, startTimeoutMs?: number): LocalWorkload<ServiceSpecification>;
  /** Registers a tiny model. */
  registerModel(version: string, options?: TinyModelOptions): Promise<void>;
  /** A service of the registered model `tiny` 1, with TLS and keys. */
  specification(overrides?: Partial<ServiceSpecification>): Promise<ServiceSpecification>;
}

const REGISTRY = '.cdktf-brainwave/models';

export async function localProject(): Promise<LocalProject> {
  const { path: folder, remove } = await temporaryFolder();
  const stateFolder = path.join(folder, '.cdktf-brainwave');
  const workloads = new LocalWorkloads(stateFolder, folder);
  afterwards(async () => {
    // Also what a test that failed has left running.
    const left = await workloads.list();
    await Promise.all(left.map((workload) => workload.remove()));
    await remove();
  });
  await writeFile(path.join(folder, 'package.json'), '{}');
  const project: LocalProject = {
    folder,
    stateFolder,
    workloads,
    service: (name, startTimeoutMs) => workloads.service(name, startTimeoutMs),
    registerModel: async (version, options) => {
      const zip = tinyModel(options);
      const file = path.join(folder, `${version}.zip`);
      await writeFile(file, zip);
      const sha256 = createHash('sha256').update(zip).digest('hex');
      const registry = new ModelRegistry(path.join(folder, REGISTRY));
      await registry.register({ name: 'tiny', version, sha256, tags: {} }, file);
    },
    specification: async (overrides = {}) => ({
      kind: 'service',
      name: 'scoring',
      address: '127.0.0.1',
      port: await freePort(),
      model: { name: 'tiny', version: '1', registry: REGISTRY },
      tls: { hostname: 'scoring.localhost', selfSigned: { validityDays: 90 } },
      keys: { generated: { primaryRotation: '1', secondaryRotation: '1' } },
      workers: 1,
      ...overrides,
    }),
  };
  await project.registerModel('1', { labels: ['left', 'middle', 'right'] });
  return project;
}

export async function readKeys(file: string | null): Promise<{ primaryKey: string; secondaryKey: string }> {
  return JSON.parse(await readFile(file ?? '', 'utf8')) as { primaryKey: string; secondaryKey: string };
}
