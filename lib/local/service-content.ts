import { rm } from 'node:fs/promises';
import path from 'node:path';

import { LOOPBACK } from '../contract/operations';
import { serviceSpecificationSchema, type ServiceSpecification } from '../contract/workload-specification';
import { writePrivateFile } from '../files/secret-file';
import { readServiceDefinition } from '../service-definition/zip-reader';
import { ModelRegistry } from './model-registry';
import type {
  CommonConfiguration,
  ConfiguredContent,
  ContentStatus,
  WorkloadContent,
} from './workload-content';
import type { WorkloadFolder } from './workload-folder';

/** Content of a scoring service: a model of a local registry. */
export class ServiceContent implements WorkloadContent<ServiceSpecification, ServiceSpecification> {
  readonly command = 'serve';
  readonly switchesTls = true;

  /** @param projectFolder folder to which paths in a specification are relative */
  constructor(
    private readonly folder: WorkloadFolder,
    private readonly projectFolder: string,
  ) {}

  parse(json: unknown): ServiceSpecification {
    return serviceSpecificationSchema.parse(json);
  }

  async configure(
    specification: ServiceSpecification,
    common: CommonConfiguration,
  ): Promise<ConfiguredContent<ServiceSpecification>> {
    const { model, maxInFlight, allowedOrigins, revision } = specification;
    const { healthAddress = LOOPBACK, healthPort = 0 } = specification;
    const registry = new ModelRegistry(path.resolve(this.projectFolder, model.registry));
    const registered = await registry.require(model.name, model.version);
    await this.writeLabels(registered.path);
    return {
      deployed: specification,
      configuration: {
        model: { name: model.name, version: model.version, path: registered.path },
        ...common,
        maxInFlight,
        healthHost: healthAddress,
        healthPort,
        allowedOrigins,
        revision,
      },
      contentHash: registered.sha256,
    };
  }

  restore(deployed: ServiceSpecification): Promise<ServiceSpecification> {
    return Promise.resolve(deployed);
  }

  removeOthers(): Promise<void> {
    // Models stay in their registry.
    return Promise.resolve();
  }

  describe({ model }: ServiceSpecification): ContentStatus {
    return { model: model.name, modelVersion: model.version };
  }

  private async writeLabels(zip: string): Promise<void> {
    const { labels } = await readServiceDefinition(zip);
    if (labels) {
      await writePrivateFile(this.folder.labelsFile, `${labels.join('\n')}\n`);
    } else {
      await rm(this.folder.labelsFile, { force: true });
    }
  }
}
