import { access } from 'node:fs/promises';
import path from 'node:path';

import { FolderLayout, WORKLOAD_KINDS } from '../contract/folder-layout';
import { LocalError } from '../errors/local-error';
import { isMissing } from '../files/whole-file';
import { listServingProcesses } from '../process/find-process';
import { findListeningProcess } from '../process/listening-process';
import { readServerState } from '../process/server-state';
import { explainOrphan, findOrphans } from './orphaned-process';
import type { ListeningAddress } from './workload-content';
import { WorkloadFolder } from './workload-folder';

/** Returns the error for a workload that was never deployed, or is lost. The message lists the existing workloads. */
export async function notFound(wanted: WorkloadFolder, cause?: unknown): Promise<LocalError> {
  const { kind, name, title, stateFolder } = wanted;
  const orphan = (await findOrphans(stateFolder)).find((each) => each.kind === kind && each.name === name);
  if (orphan) {
    const { finding, remedy } = explainOrphan(orphan);
    return new LocalError('SERVICE_LOST', finding, { remedy, cause });
  }
  const [services, endpoints] = await Promise.all([
    WorkloadFolder.names('service', stateFolder),
    WorkloadFolder.names('endpoint', stateFolder),
  ]);
  const names = [...services, ...endpoints.map((each) => `${each} (an endpoint)`)].join(', ');
  return new LocalError(
    'SERVICE_NOT_FOUND',
    `unknown ${title}; ` +
      (names
        ? `this project has ${names}`
        : `nothing was deployed from this project (looked in ${stateFolder})`),
    { cause },
  );
}

/**
 * Returns the error for a port that is in use. The message names the workload that uses it, in any project, or else the
 * process.
 */
export async function portTaken(
  stateFolder: string,
  { address, port, portVariable }: ListeningAddress,
): Promise<LocalError> {
  const otherPort = `set another port: ${portVariable === undefined ? 'new LocalCompute({ port: … })' : `${portVariable}=…`}`;
  const taken = `port ${port} on ${address} is in use`;
  const listener = await findListeningProcess(port);
  for (const { pid, stateFile, instance } of await listServingProcesses()) {
    const state = await readServerState(stateFile);
    if (pid !== listener?.pid && (state?.port !== port || state.instance !== instance)) {
      continue;
    }
    const orphan = (await findOrphans(stateFolder)).find((each) => each.pid === pid);
    if (orphan) {
      const { finding, remedy } = explainOrphan(orphan);
      return new LocalError('PORT_TAKEN', `${taken}: ${finding}`, { remedy: `${remedy}, or ${otherPort}` });
    }
    const folder = path.dirname(stateFile);
    const [name, parent] = [path.basename(folder), path.dirname(folder)];
    const owner = path.dirname(parent);
    const kind =
      WORKLOAD_KINDS.find((each) => new FolderLayout(owner).workloads(each) === parent) ?? 'service';
    const isOurs = owner === stateFolder;
    // A folder of another user, which cannot be read, may exist.
    if (await access(owner).then(() => false, isMissing)) {
      return new LocalError(
        'PORT_TAKEN',
        `${taken} by process ${pid}, the local ${kind} "${name}" of a project whose folder was deleted (${owner})`,
        { remedy: `stop it (\`kill ${pid}\`), or ${otherPort}` },
      );
    }
    return new LocalError(
      'PORT_TAKEN',
      `${taken} by the local ${kind} "${name}"` +
        (isOurs ? '' : ` of another project (${path.dirname(owner)})`),
      {
        remedy: `stop it (\`cdktf-brainwave local down ${name}\`${isOurs ? '' : ' there'}), or ${otherPort}`,
      },
    );
  }
  return new LocalError(
    'PORT_TAKEN',
    listener
      ? `${taken} by process ${listener.pid} (${listener.name})`
      : `${taken} by a process of another user (\`sudo lsof -i :${port}\` shows it)`,
    { remedy: `stop that process or ${otherPort}` },
  );
}
