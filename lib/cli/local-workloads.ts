import type { WorkloadKind } from '../contract/folder-layout';
import { LocalEndpoint } from '../entry-script/local-endpoint';
import { BrainwaveError } from '../errors/brainwave-error';
import { deployedOf } from '../local/deployed-workloads';
import { LocalError } from '../local/local-error';
import { LocalService, type LocalServiceStatus } from '../local/local-service';
import type { LocalWorkload } from '../local/local-workload';
import { findOrphanedProcesses } from '../local/orphaned-process';
import { findProjectFolder, findStateFolder } from '../local/project-folder';
import { ServiceFolder } from '../local/service-folder';
import type { OnProgress } from '../local/service-process';
import { notFound, titleOf } from '../local/workload-errors';
import { UsageError } from './report-failure';

/**
 * Returns the services and endpoints with a name, or all of this project.
 * @throws LocalError SERVICE_NOT_FOUND with the names that exist
 */
export async function findWorkloads(name?: string): Promise<LocalWorkload[]> {
  // Validates the name.
  const wanted = name === undefined ? undefined : new ServiceFolder(findStateFolder(), name);
  const all = await withFolder();
  if (!wanted) {
    return deployedOf(all);
  }
  const named = all.filter((each) => each.name === name);
  if (named.length === 0) {
    throw await notFound(wanted);
  }
  return named;
}

/**
 * Returns the service or endpoint with a name, even if its folder was deleted and only its process is left.
 * @param kind required if a service and an endpoint share the name
 * @throws LocalError SERVICE_NOT_FOUND; UsageError if the name is ambiguous
 */
export async function findOne(name: string, kind?: WorkloadKind): Promise<LocalWorkload> {
  // Validates the name.
  const wanted = new ServiceFolder(findStateFolder(), name, kind);
  const known = await withFolder();
  const orphans = (await withoutFolder()).filter(
    (orphan) => !known.some((each) => each.kind === orphan.kind && each.name === orphan.name),
  );
  const named = [...known, ...orphans].filter((each) => each.name === name && (!kind || each.kind === kind));
  const only = named.at(0);
  if (!only) {
    throw await notFound(wanted);
  }
  if (named.length > 1) {
    throw new UsageError(
      `"${name}" is both a service and an endpoint; pass --kind service or --kind endpoint`,
    );
  }
  return only;
}

/**
 * Returns the service with a name, or the only service.
 * @throws LocalError SERVICE_NOT_FOUND with the names that exist
 */
export async function findService(name?: string): Promise<LocalServiceStatus> {
  const [stateFolder, projectFolder] = [findStateFolder(), findProjectFolder()];
  if (name !== undefined) {
    return new LocalService(name, stateFolder, projectFolder).status();
  }
  const services = await deployedOf(await LocalService.list(stateFolder, projectFolder));
  const only = services.at(0);
  if (!only || services.length > 1) {
    const names = services.map((service) => service.name).join(', ');
    throw new LocalError(
      'SERVICE_NOT_FOUND',
      only
        ? `there are several local services (${names}); select one with --service`
        : 'no local service was deployed from this project; pass an address with --address HOST:PORT',
    );
  }
  return only.status();
}

/**
 * Starts as many as possible: a failure must not prevent the others from starting.
 * @throws LocalError START_FAILED with the names of those that failed and the reasons
 */
export async function bringUp(
  all: readonly LocalWorkload[],
  progressOf: (name: string) => OnProgress,
): Promise<void> {
  const failures: { title: string; error: unknown }[] = [];
  for (const workload of all) {
    const { kind, name } = workload;
    const onProgress = progressOf(name);
    try {
      await workload.upAgain(onProgress);
    } catch (error) {
      if (all.length === 1) {
        throw error;
      }
      failures.push({ title: titleOf(kind, name), error });
      onProgress('failed to start; see the reason below');
    }
  }
  if (failures.length > 0) {
    throw new LocalError(
      'START_FAILED',
      `${failures.length} of ${all.length} failed to start: ${failures.map(({ title }) => title).join(', ')}\n` +
        failures.map(({ title, error }) => `${title}: ${reasonOf(error)}`).join('\n'),
      { cause: new AggregateError(failures.map(({ error }) => error)) },
    );
  }
}

async function withFolder(): Promise<LocalWorkload[]> {
  const [stateFolder, projectFolder] = [findStateFolder(), findProjectFolder()];
  return [
    ...(await LocalService.list(stateFolder, projectFolder)),
    ...(await LocalEndpoint.list(stateFolder, projectFolder)),
  ];
}

/** Workloads whose folder was deleted while their process was running. */
async function withoutFolder(): Promise<LocalWorkload[]> {
  const [stateFolder, projectFolder] = [findStateFolder(), findProjectFolder()];
  const orphans = await findOrphanedProcesses(stateFolder);
  return orphans.map(({ kind, name }) =>
    kind === 'service'
      ? new LocalService(name, stateFolder, projectFolder)
      : new LocalEndpoint(name, stateFolder, projectFolder),
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof BrainwaveError) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
