import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

import { afterwards } from './cleanup';
import { until } from './until';

const command = path.resolve(__dirname, '../../dist/lib/cli/main.js');

/** A `cdktf-brainwave` that runs; it is gone when the test ends. */
export interface RunningCommand {
  readonly process: ChildProcess;
  /** What it has written so far. */
  readonly output: () => { stdout: string; stderr: string };
  readonly ended: Promise<CommandResult>;
}

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input. */
  readonly input?: string;
}

/** Starts `cdktf-brainwave` with these arguments. */
export function startCommand(
  args: readonly string[],
  cwd: string,
  { env, input = '' }: CommandOptions = {},
): RunningCommand {
  const child = spawn(process.execPath, [command, ...args], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  // A command that does not read may have ended already.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  afterwards(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<CommandResult>((resolve) => {
    child.on('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
  });
  return { process: child, output: () => ({ stdout, stderr }), ended };
}

/** Runs `cdktf-brainwave` to its end. */
export function runCommand(
  args: readonly string[],
  cwd: string,
  options?: CommandOptions,
): Promise<CommandResult> {
  return startCommand(args, cwd, options).ended;
}

/** The port on which a server that was started listens, as its log says; waits until the model is loaded. */
export async function servingPort(server: RunningCommand): Promise<number> {
  await until(() => server.output().stdout.includes('"model loaded"') || server.process.exitCode !== null);
  const { stdout, stderr } = server.output();
  const listening = stdout.split('\n').find((line) => line.includes('"message":"listening"'));
  if (listening === undefined || server.process.exitCode !== null) {
    throw new Error(`the server did not start: ${stderr}`);
  }
  return (JSON.parse(listening) as { port: number }).port;
}
