import { execFile } from 'node:child_process';

const TIMEOUT_MS = 60_000;

/** Installation instructions. */
export const AZURE_CLI_INSTALLATION = 'https://learn.microsoft.com/cli/azure/install-azure-cli';

/** Result of an Azure CLI command. */
export type AzureCliAnswer =
  | { readonly kind: 'answer'; readonly json: unknown }
  /** The Azure CLI is not on PATH. */
  | { readonly kind: 'missing' }
  /** The Azure CLI requires a login. */
  | { readonly kind: 'logged-out' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Runs the Azure CLI (`az`) from PATH, without a terminal so that it never prompts. */
export function askAzureCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<AzureCliAnswer> {
  return new Promise((resolve) => {
    const options = { env: { ...env, AZURE_CORE_ONLY_SHOW_ERRORS: '1' }, timeout: TIMEOUT_MS };
    const child = execFile('az', [...args, '--output', 'json'], options, (error, stdout, stderr) => {
      resolve(error ? problem(error, stderr) : read(stdout));
    });
    child.stdin?.end();
  });
}

function problem(
  error: Error & { code?: string | number | null | undefined },
  stderr: string,
): AzureCliAnswer {
  if (error.code === 'ENOENT') {
    return { kind: 'missing' };
  }
  if (/az login|AADSTS\d+/.test(stderr)) {
    return { kind: 'logged-out' };
  }
  // Only the first line: the rest may quote a request with its IDs.
  const line = stderr.split('\n').find((each) => each.trim() !== '') ?? 'it exited without a message';
  return { kind: 'refused', reason: line.replace(/^ERROR:\s*/, '').trim() };
}

function read(stdout: string): AzureCliAnswer {
  try {
    return { kind: 'answer', json: JSON.parse(stdout) as unknown };
  } catch {
    return { kind: 'refused', reason: 'its output is not JSON' };
  }
}
