import { spawn } from 'node:child_process';

export interface ToolOptions {
  readonly cwd: string;
  /** Beside what every tool gets. @default - none */
  readonly env?: NodeJS.ProcessEnv;
}

export interface ToolResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What npm hands to scripts that names the registry and its cache; the rest is this project's configuration. */
const KEPT = new Set(['npm_config_registry', 'npm_config_cache', 'npm_config_userconfig']);

/** The environment as a user's shell has it, without what `npm run` and Jest put into ours. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const env = Object.entries(process.env).filter(
    ([name]) => (!/^npm_/i.test(name) || KEPT.has(name)) && !/^(NODE_ENV|NODE_OPTIONS|JEST_.*)$/.test(name),
  );
  // Offline where the cache has it, and without chatter.
  return {
    ...Object.fromEntries(env),
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
  };
}

/** Runs a program to its end, whatever that is. */
export function tryTool(
  command: string,
  args: readonly string[],
  { cwd, env }: ToolOptions,
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...userEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject).on('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/** Runs a program that must succeed. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolResult> {
  const result = await tryTool(command, args, options);
  if (result.exitCode !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${result.exitCode ?? 'a signal'} in ${options.cwd}:\n` +
        `${result.stdout}${result.stderr}`,
    );
  }
  return result;
}
