import { WORKLOAD_KINDS, type WorkloadKind } from '../contract/folder-layout';
import type { EndpointSpecification, ServiceSpecification } from '../contract/workload-specification';
import { LocalError } from '../errors/local-error';
import { EndpointContent } from './endpoint-content';
import { LocalWorkload } from './local-workload';
import { findOrphans, type OrphanedProcess } from './orphaned-process';
import { findProjectFolder, findStateFolder } from './project-folder';
import { ServiceContent } from './service-content';
import { WorkloadFolder } from './workload-folder';

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

  /**
   * Checks that an address is not that of a workload that is stopped, which Terraform does not notice.
   * @throws LocalError SERVICE_STOPPED with the command that starts it
   */
  async requireRunning(address: string, port: number): Promise<void> {
    for (const workload of await this.deployed()) {
      const status = await workload.status();
      if (status.pid === null && status.address === address && status.port === port) {
        throw new LocalError('SERVICE_STOPPED', `${workload.title} on ${address}:${port} is stopped`, {
          remedy: `start it with \`npx cdktf-brainwave local up ${workload.name}\`, then apply again`,
        });
      }
    }
  }

  /** Returns the processes that run a workload of this project whose folder was removed or cannot be read. */
  async orphans(): Promise<OrphanedProcess[]> {
    return findOrphans(this.stateFolder);
  }
}
