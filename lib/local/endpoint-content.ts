import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import * as z from 'zod';

import { FolderLayout } from '../contract/folder-layout';
import { endpointSpecificationSchema, type EndpointSpecification } from '../contract/workload-specification';
import { providePythonEnvironment } from '../entry-script/python-environment';
import { LocalError } from '../errors/local-error';
import { contentHash, isContent } from '../files/folder-content';
import type {
  CommonConfiguration,
  ConfiguredContent,
  ContentStatus,
  WorkloadContent,
} from './workload-content';
import type { WorkloadFolder } from './workload-folder';
import type { OnProgress } from './workload-process';

/** Paths are those of the endpoint's own copies, relative to its folder. */
const deployedEndpointSchema = endpointSpecificationSchema.extend({
  /** Identifies the model's content. */
  modelVersion: z.string(),
});

type DeployedEndpoint = z.infer<typeof deployedEndpointSchema>;

/** Length of the hashes that name deployments and model versions. */
const HASH_LENGTH = 16;

/** Content of an online endpoint: copies of an entry script, its model and its list of packages. */
export class EndpointContent implements WorkloadContent<EndpointSpecification, DeployedEndpoint> {
  readonly command = 'serve-entry-script';
  readonly switchesTls = false;

  constructor(private readonly folder: WorkloadFolder) {}

  parse(json: unknown): DeployedEndpoint {
    return deployedEndpointSchema.parse(json);
  }

  async configure(
    specification: EndpointSpecification,
    common: CommonConfiguration,
    onProgress: OnProgress,
  ): Promise<ConfiguredContent<DeployedEndpoint>> {
    const { entryScript, environment, maxRequestBytes, healthAddress, healthPort = 0 } = specification;
    const deployed = await this.stage(specification);
    const python = await providePythonEnvironment({
      requirements: await readFile(this.own(deployed.requirements), 'utf8'),
      folder: new FolderLayout(this.folder.stateFolder).pythonEnvironments,
      onProgress,
    });
    return {
      deployed,
      configuration: {
        ...common,
        python,
        codeFolder: this.own(deployed.code),
        modelFolder: path.dirname(this.own(deployed.model.path)),
        model: { name: deployed.model.name, version: deployed.modelVersion },
        entryScript,
        environment,
        maxRequestBytes,
        healthHost: healthAddress,
        healthPort,
      },
      // The folders of code and model are named by the hash of their content.
      contentHash: '',
    };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the error rejects, as the interface promises
  async restore(deployed: DeployedEndpoint): Promise<EndpointSpecification> {
    const { code, model, requirements } = deployed;
    if (!existsSync(this.own(code))) {
      throw new LocalError(
        'FILE_MISSING',
        `the copies of ${this.folder.title} were removed from ${this.deploymentsFolder}; ` +
          'destroy the stack and apply it again',
      );
    }
    return {
      ...deployed,
      code: this.own(code),
      model: { ...model, path: this.own(model.path) },
      requirements: this.own(requirements),
    };
  }

  async removeOthers(deployed: DeployedEndpoint | undefined): Promise<void> {
    const names = await readdir(this.deploymentsFolder).catch(() => []);
    const used = deployed && path.basename(path.dirname(deployed.code));
    for (const name of names.filter((each) => each !== used)) {
      await rm(path.join(this.deploymentsFolder, name), { recursive: true, force: true });
    }
  }

  describe(deployed: DeployedEndpoint, port: number): ContentStatus {
    const { address, tls, model, modelVersion, entryScript } = deployed;
    const host = tls?.hostname ?? (address.includes(':') ? `[${address}]` : address);
    const scoringUri = `${tls ? 'https' : 'http'}://${host}:${port}/score`;
    return { model: model.name, modelVersion, scoringUri, entryScript };
  }

  /** Copies the content, so that later changes to the originals do not affect the endpoint. */
  private async stage(specification: EndpointSpecification): Promise<DeployedEndpoint> {
    const { code, model, requirements } = specification;
    const [codeHash, modelHash, requirementsHash] = [code, model.path, requirements].map(contentHash);
    const hash = createHash('sha256').update([codeHash, modelHash, requirementsHash, model.name].join());
    const name = hash.digest('hex').slice(0, HASH_LENGTH);
    const deployment = path.join(this.deploymentsFolder, name);
    if (!existsSync(deployment)) {
      // An interrupted copy must not have the final name, which stands for the complete content.
      const incomplete = `${deployment}.tmp`;
      await rm(incomplete, { recursive: true, force: true });
      const options = { recursive: true, dereference: true, filter: isContent };
      await cp(code, path.join(incomplete, 'code'), options);
      await cp(model.path, path.join(incomplete, 'model', model.name), options);
      await cp(requirements, path.join(incomplete, 'requirements.txt'));
      await rename(incomplete, deployment);
    }
    const own = path.join('deployments', name);
    return {
      ...specification,
      code: path.join(own, 'code'),
      model: { ...model, path: path.join(own, 'model', model.name) },
      requirements: path.join(own, 'requirements.txt'),
      modelVersion: modelHash.slice(0, HASH_LENGTH),
    };
  }

  private get deploymentsFolder(): string {
    return this.own('deployments');
  }

  private own(file: string): string {
    return path.join(this.folder.path, file);
  }
}
