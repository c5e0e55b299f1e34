import path from 'node:path';

import { FolderLayout, WORKLOAD_KINDS } from '../contract/folder-layout';
import { LocalError } from '../errors/local-error';
import { listServingProcesses } from '../process/find-process';
import { readServerState } from '../process/server-state';
import { WorkloadFolder } from './workload-folder';

/** Returns the error for a workload that was never deployed. The message lists the existing workloads. */
export async function notFound({ title, stateFolder }: WorkloadFolder, cause?: unknown): Promise<LocalError> {
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

/** Returns the error for a port that is in use. The message names the workload that uses it, in any project. */
export async function portTaken(stateFolder: string, address: string, port: number): Promise<LocalError> {
  const remedy = 'set another port: new LocalCompute({ port: … })';
  for (const { stateFile, instance } of await listServingProcesses()) {
    const state = await readServerState(stateFile);
    if (state?.port !== port || state.instance !== instance) {
      continue;
    }
    const folder = path.dirname(stateFile);
    const [name, parent] = [path.basename(folder), path.dirname(folder)];
    const owner = path.dirname(parent);
    const kind =
      WORKLOAD_KINDS.find((each) => new FolderLayout(owner).workloads(each) === parent) ?? 'service';
    const isOurs = owner === stateFolder;
    return new LocalError(
      'PORT_TAKEN',
      `port ${port} on ${address} is in use by the local ${kind} "${name}"` +
        (isOurs ? '' : ` of another project (${path.dirname(owner)})`) +
        `; stop it (\`cdktf-brainwave local down ${name}\`${isOurs ? '' : ' there'}), or ${remedy}`,
    );
  }
  return new LocalError(
    'PORT_TAKEN',
    `port ${port} on ${address} is in use by another process (\`lsof -i :${port}\` shows it); ` +
      `stop that process or ${remedy}`,
  );
}
