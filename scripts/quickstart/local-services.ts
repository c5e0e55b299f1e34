import type { LocalWorkloadStatus } from '../../lib/local/local-workload';
import { command, root } from './project';
import { runCommand } from './run-command';

/** Returns the services and endpoints that were deployed from the repository and still have their files. */
export async function localServices(): Promise<LocalWorkloadStatus[]> {
  const status = await runCommand(process.execPath, [command, 'local', 'status', '--json'], { cwd: root });
  return JSON.parse(status) as LocalWorkloadStatus[];
}
