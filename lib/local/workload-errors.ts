import path from 'node:path';

import { FolderLayout, WORKLOAD_KINDS } from '../contract/folder-layout';
import { LocalError } from '../errors/local-error';
import { listServingProcesses } from '../process/find-process';
import { readServerState } from '../process/server-state';
import { WorkloadFolder } from './workload-folder';

/** A workload that was never up. The message names the existing ones. */
export async function notFound({ title, stateFolder }: WorkloadFolder, cause?: unknown): Promise<LocalError> {
  const [services, endpoints] = await Promise.all([
    WorkloadFolder.names('service', stateFolder),
    WorkloadFolder.names('endpoint', stateFolder),
  ]);
  const names = [...services, ...endpoints.map((each) => `${each} (an endpoint)`)].join(', ');
  return new LocalError(
    'SERVICE_NOT_FOUND',
    `there is no ${title} on this machine; ` +
      (names ? `there are ${names}` : `none was deployed from this project (looked in ${stateFolder})`),
    { cause },
  );
}

/** A port that is in use. The message names the workload that uses it, whatever its project. */
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
      `port ${port} on ${address} is taken by the local ${kind} "${name}"` +
        (isOurs ? '' : ` of another project (${path.dirname(owner)})`) +
        `; stop it (\`cdktf-brainwave local down ${name}\`${isOurs ? '' : ' there'}), or ${remedy}`,
    );
  }
  return new LocalError(
    'PORT_TAKEN',
    `port ${port} on ${address} is taken by another process (\`lsof -i :${port}\` names it); ` +
      `stop that one, or ${remedy}`,
  );
}
