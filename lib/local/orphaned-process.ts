import path from 'node:path';

import { WORKLOAD_KINDS, type WorkloadKind } from '../contract/folder-layout';
import { exists } from '../files/exists';
import { listServingProcesses } from '../process/find-process';
import { ServiceFolder } from './service-folder';

/** A process that serves although the folder of its service was removed while it ran. */
export interface OrphanedProcess {
  readonly pid: number;
  readonly kind: WorkloadKind;
  /** Of the service or endpoint that it serves. */
  readonly name: string;
}

/**
 * The processes of a project whose service's folder is gone, by their command lines.
 * @param stateFolder the project's
 */
export async function findOrphanedProcesses(stateFolder: string): Promise<OrphanedProcess[]> {
  const orphans: OrphanedProcess[] = [];
  for (const { pid, stateFile } of await listServingProcesses()) {
    const name = path.basename(path.dirname(stateFile));
    if (!ServiceFolder.isName(name)) {
      continue;
    }
    for (const kind of WORKLOAD_KINDS) {
      const folder = new ServiceFolder(stateFolder, name, kind);
      // It is written before there is a process.
      if (folder.stateFile === stateFile && !(await exists(folder.specificationFile))) {
        orphans.push({ pid, kind, name });
      }
    }
  }
  return orphans;
}
