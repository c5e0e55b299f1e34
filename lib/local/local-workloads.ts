import { existsSync } from 'node:fs';
import path from 'node:path';

import { WORKLOAD_KINDS, type WorkloadKind } from '../contract/folder-layout';
import type { EndpointSpecification, ServiceSpecification } from '../contract/workload-specification';
import { listServingProcesses } from '../process/find-process';
import { EndpointContent } from './endpoint-content';
import { LocalWorkload } from './local-workload';
import { findProjectFolder, findStateFolder } from './project-folder';
import { ServiceContent } from './service-content';
import { isFolderName, WorkloadFolder } from './workload-folder';

/** Workloads of a project, by kind and name. */
export class LocalWorkloads {
  /** Finds the project of a folder. */
  static of(folder?: string): LocalWorkloads {
    return new LocalWorkloads(findStateFolder(folder), findProjectFolder(folder));
  }

  /**
   * @param stateFolder folder of workloads, models and Python environments
   * @param projectFolder folder to which paths in specifications are relative
   */
  constructor(
    readonly stateFolder: string,
    private readonly projectFolder: string,
  ) {}

  /**
   * @param startTimeoutMs timeout for a start or a change; @default 120,000
   * @throws LocalError SERVICE_NAME_INVALID if the name is invalid
   */
  service(name: string, startTimeoutMs?: number): LocalWorkload<ServiceSpecification> {
    const folder = this.folder('service', name);
    const content = new ServiceContent(folder, this.projectFolder);
    return new LocalWorkload(folder, content, this.projectFolder, startTimeoutMs);
  }

  /** @throws LocalError SERVICE_NAME_INVALID if the name is invalid */
  endpoint(name: string): LocalWorkload<EndpointSpecification> {
    const folder = this.folder('endpoint', name);
    return new LocalWorkload(folder, new EndpointContent(folder), this.projectFolder);
  }

  /** @throws LocalError SERVICE_NAME_INVALID if the name is invalid */
  workload(kind: WorkloadKind, name: string): LocalWorkload {
    return kind === 'service' ? this.service(name) : this.endpoint(name);
  }

  /** @throws LocalError SERVICE_NAME_INVALID if the name is invalid */
  folder(kind: WorkloadKind, name: string): WorkloadFolder {
    return new WorkloadFolder(kind, name, this.stateFolder);
  }

  /** Returns the workloads that have a folder, services first. */
  async list(kinds: readonly WorkloadKind[] = WORKLOAD_KINDS): Promise<LocalWorkload[]> {
    const all = await Promise.all(
      kinds.map(async (kind) =>
        (await WorkloadFolder.names(kind, this.stateFolder)).map((name) => this.workload(kind, name)),
      ),
    );
    return all.flat();
  }

  /** Returns the deployed workloads, without workloads that were reserved but never started. */
  async deployed(kinds?: readonly WorkloadKind[]): Promise<LocalWorkload[]> {
    const all = await this.list(kinds);
    return all.filter(({ wasUp }) => wasUp);
  }

  /** Returns the processes that still run a workload of this project whose folder was removed. */
  async orphans(): Promise<OrphanedProcess[]> {
    const orphans: OrphanedProcess[] = [];
    for (const { pid, stateFile } of await listServingProcesses()) {
      const name = path.basename(path.dirname(stateFile));
      for (const kind of isFolderName(name) ? WORKLOAD_KINDS : []) {
        const folder = this.folder(kind, name);
        // The specification is written before the process is started.
        if (folder.stateFile === stateFile && !existsSync(folder.specificationFile)) {
          orphans.push({ pid, kind, name });
        }
      }
    }
    return orphans;
  }
}

/** A process whose workload folder was removed while it was running. */
export interface OrphanedProcess {
  readonly pid: number;
  readonly kind: WorkloadKind;
  /** Name of the workload. */
  readonly name: string;
}
