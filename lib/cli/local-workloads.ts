import type { WorkloadKind } from '../contract/folder-layout';
import { BrainwaveError } from '../errors/brainwave-error';
import { LocalError } from '../errors/local-error';
import type { LocalWorkload, LocalWorkloadStatus } from '../local/local-workload';
import { LocalWorkloads } from '../local/local-workloads';
import { notFound } from '../local/workload-errors';
import type { OnProgress } from '../local/workload-process';
import { UsageError } from './report-failure';

/**
 * Returns the services and endpoints with a name, or all of this project.
 * @throws LocalError SERVICE_NOT_FOUND with the names that exist
 */
export async function findWorkloads(name?: string): Promise<LocalWorkload[]> {
  const workloads = LocalWorkloads.of();
  if (name === undefined) {
    const deployed = await workloads.deployed();
    if (deployed.length === 0) {
      await refuseOrphans(workloads);
    }
    return deployed;
  }
  // Refuses what cannot be a name.
  const wanted = workloads.folder('service', name);
  const named = (await workloads.list()).filter((each) => each.name === name);
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
  const workloads = LocalWorkloads.of();
  // Rejects invalid names.
  const wanted = workloads.folder(kind ?? 'service', name);
  const known = await workloads.list();
  const orphans = (await workloads.orphans()).filter(
    (orphan) => !known.some((each) => each.kind === orphan.kind && each.name === orphan.name),
  );
  const named = [...known, ...orphans.map((orphan) => workloads.workload(orphan.kind, orphan.name))].filter(
    (each) => each.name === name && (!kind || each.kind === kind),
  );
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
export async function findService(name?: string): Promise<LocalWorkloadStatus> {
  const workloads = LocalWorkloads.of();
  if (name !== undefined) {
    return workloads.service(name).status();
  }
  const services = await workloads.deployed(['service']);
  const only = services.at(0);
  if (!only) {
    await refuseOrphans(workloads);
  }
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
 * Without any folder, a process that still runs is all that is known of a deployment.
 * @throws LocalError SERVICE_LOST
 */
async function refuseOrphans(workloads: LocalWorkloads): Promise<void> {
  const orphan = (await workloads.orphans()).at(0);
  if (orphan) {
    throw await notFound(workloads.folder(orphan.kind, orphan.name));
  }
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
    const { name, title } = workload;
    const onProgress = progressOf(name);
    try {
      await workload.upAgain(onProgress);
    } catch (error) {
      if (all.length === 1) {
        throw error;
      }
      failures.push({ title, error });
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

function reasonOf(error: unknown): string {
  if (error instanceof BrainwaveError) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
