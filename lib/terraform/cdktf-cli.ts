import { execFileSync } from 'node:child_process';

/** Variable that the CDKTF CLI sets for the programs that it runs. */
const CLI_VARIABLE = 'CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS';
/** Commands that run Terraform after the synth, with their aliases. */
const COMMAND = /\bcdkt[fn]\S* (deploy|apply|destroy|diff|plan|watch)\b/;

/**
 * Returns the command of the CDKTF CLI (or of CDK Terrain's) that this program synthesizes for, such as `cdktf deploy`, if it runs
 * Terraform afterwards. Looks for it among the parent processes, because the CLI does not pass it on.
 */
export function cliCommand(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env[CLI_VARIABLE] === undefined) {
    return undefined;
  }
  const processes = listProcesses();
  let ancestor = processes.get(String(process.ppid));
  while (ancestor !== undefined) {
    const name = COMMAND.exec(ancestor.command)?.[1];
    if (name !== undefined) {
      return `cdktf ${name}`;
    }
    ancestor = processes.get(ancestor.parent);
  }
  return undefined;
}

function listProcesses(): Map<string, { readonly parent: string; readonly command: string }> {
  try {
    const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return new Map(
      [...list.matchAll(/^\s*(\d+)\s+(\d+)\s(.*)$/gm)].map(([, pid, parent, command]) => [
        pid,
        { parent, command },
      ]),
    );
  } catch {
    // Without ps, the CLI reports the missing Terraform.
    return new Map();
  }
}
