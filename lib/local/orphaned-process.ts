import { stat } from 'node:fs/promises';
import path from 'node:path';

import { WORKLOAD_KINDS, type WorkloadKind } from '../contract/folder-layout';
import { listServingProcesses } from '../process/find-process';
import { isMissing } from '../files/whole-file';
import { isFolderName, WorkloadFolder } from './workload-folder';

/** A process that serves a workload of this project whose folder was removed, or belongs to another user. */
export interface OrphanedProcess {
  readonly pid: number;
  readonly kind: WorkloadKind;
  /** Name of the workload. */
  readonly name: string;
  readonly folder: 'removed' | 'unreadable';
}

/** Returns the processes of a project that run although their folders were removed or cannot be read. */
export async function findOrphans(stateFolder: string): Promise<OrphanedProcess[]> {
  const orphans: OrphanedProcess[] = [];
  for (const { pid, stateFile } of await listServingProcesses()) {
    const name = path.basename(path.dirname(stateFile));
    for (const kind of isFolderName(name) ? WORKLOAD_KINDS : []) {
      const workload = new WorkloadFolder(kind, name, stateFolder);
      if (workload.stateFile === stateFile) {
        // The specification is written before the process is started.
        const folder = await problemOf(workload.specificationFile);
        if (folder) {
          orphans.push({ pid, kind, name, folder });
        }
      }
    }
  }
  return orphans;
}

async function problemOf(file: string): Promise<OrphanedProcess['folder'] | undefined> {
  try {
    await stat(file);
    return undefined;
  } catch (error) {
    return isMissing(error) ? 'removed' : 'unreadable';
  }
}

/** What is known about an orphaned process, and what to do. */
export function explainOrphan({ kind, name, pid, folder }: OrphanedProcess): {
  readonly finding: string;
  readonly remedy: string;
} {
  const what = `process ${pid} runs the ${kind} "${name}" of this project`;
  return folder === 'removed'
    ? {
        finding: `${what} although its folder was deleted`,
        remedy:
          'destroy its stack, which ends the process, and deploy it again; if the state is gone as well, ' +
          `run npx cdktf-brainwave local down ${name}`,
      }
    : {
        finding: `${what}, whose folder this user cannot read`,
        remedy: 'run the command as the user who deployed it',
      };
}
