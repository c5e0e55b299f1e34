import path from 'node:path';

import { WORKLOAD_KINDS, type WorkloadKind } from '../contract/folder-layout';
import { listServingProcesses } from '../process/find-process';
import { readServerState } from '../server/detached-process';
import { LocalError } from './local-error';
import { ServiceFolder } from './service-folder';

/** What messages call one: `service "scoring"`. */
export function titleOf(kind: WorkloadKind, name: string): string {
  return `${kind} "${name}"`;
}

/** One that was never up; the message names those that there are. */
export async function notFound(
  { kind, name, stateFolder }: ServiceFolder,
  cause?: unknown,
): Promise<LocalError> {
  const [services, endpoints] = await Promise.all([
    ServiceFolder.names(stateFolder, 'service'),
    ServiceFolder.names(stateFolder, 'endpoint'),
  ]);
  const names = [...services, ...endpoints.map((each) => `${each} (an endpoint)`)].join(', ');
  return new LocalError(
    'SERVICE_NOT_FOUND',
    `there is no ${titleOf(kind, name)} on this machine; ` +
      (names ? `there are ${names}` : `none was deployed from this project (looked in ${stateFolder})`),
    { cause },
  );
}

/** One whose specification cannot be read. */
export function damaged({ specificationFile }: ServiceFolder, cause: unknown): LocalError {
  return new LocalError(
    'SERVICE_DAMAGED',
    `${specificationFile} is damaged; destroy the stack and apply it again: an apply alone finds nothing to change`,
    { cause },
  );
}

/** A port that cannot be listened on; the message names the service or the endpoint that has it, of whichever project. */
export async function portTaken(stateFolder: string, address: string, port: number): Promise<LocalError> {
  const mend = 'set another port: new LocalCompute({ port: … })';
  for (const { stateFile, instance } of await listServingProcesses()) {
    const state = await readServerState(stateFile);
    if (state?.port !== port || state.instance !== instance) {
      continue;
    }
    const folder = path.dirname(stateFile);
    const [name, parent] = [path.basename(folder), path.dirname(folder)];
    const kind =
      WORKLOAD_KINDS.find((each) => ServiceFolder.parent(path.dirname(parent), each) === parent) ?? 'service';
    const isOurs = parent === ServiceFolder.parent(stateFolder, kind);
    return new LocalError(
      'PORT_TAKEN',
      `port ${port} on ${address} is taken by the local ${titleOf(kind, name)}` +
        (isOurs ? '' : ` of another project (${path.dirname(path.dirname(parent))})`) +
        `; stop it (\`cdktf-brainwave local down ${name}\`${isOurs ? '' : ' there'}), or ${mend}`,
    );
  }
  return new LocalError(
    'PORT_TAKEN',
    `port ${port} on ${address} is taken by another process (\`lsof -i :${port}\` names it); ` +
      `stop that one, or ${mend}`,
  );
}
