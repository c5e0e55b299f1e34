import { execFile } from 'node:child_process';

const TIMEOUT_MS = 60_000;

/** Where it is told how to install it. */
export const AZURE_CLI_INSTALLATION = 'https://learn.microsoft.com/cli/azure/install-azure-cli';

/** What the Azure CLI answered. */
export type AzureCliAnswer =
  | { readonly kind: 'answer'; readonly json: unknown }
  /** There is none on PATH. */
  | { readonly kind: 'missing' }
  /** It wants a login first. */
  | { readonly kind: 'logged-out' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Asks the Azure CLI (`az`) from PATH. It is not shown a terminal, so it asks nothing back. */
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
  // One line: what follows may quote a request with its ids.
  const line = stderr.split('\n').find((each) => each.trim() !== '') ?? 'it ended without a word';
  return { kind: 'refused', reason: line.replace(/^ERROR:\s*/, '').trim() };
}

function read(stdout: string): AzureCliAnswer {
  try {
    return { kind: 'answer', json: JSON.parse(stdout) as unknown };
  } catch {
    return { kind: 'refused', reason: 'its answer is no JSON' };
  }
}
