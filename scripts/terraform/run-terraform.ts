import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { TerraformBinary } from '../../lib/terraform/terraform-binary';
import { TerraformNotUsableError } from '../../lib/terraform/terraform-errors';

/** Options for running Terraform. */
export interface RunTerraformOptions {
  /** Folder with the configuration. */
  readonly cwd: string;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each line of output, without its line break. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Interrupts Terraform once (SIGINT), which then finishes its current operations and writes its state. */
  readonly signal?: AbortSignal;
}

/** Result of running Terraform. */
export interface TerraformRun {
  /** 0 if it succeeded; null if a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs Terraform until it exits and passes on its output line by line. It never waits for input: pass `-auto-approve` if
 * confirmation would be required. A nonzero exit code is a result, not an error; the output contains the reasons
 * (`parseUiLine` parses it if `-json` is among the arguments).
 *
 * @throws TerraformNotUsableError if the binary or the folder does not exist
 */
export async function runTerraform(
  binary: Pick<TerraformBinary, 'path'>,
  args: readonly string[],
  options: RunTerraformOptions,
): Promise<TerraformRun> {
  const child = spawn(binary.path, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const interrupt = () => {
    child.kill('SIGINT');
  };
  const ended = new Promise<TerraformRun>((resolve, reject) => {
    child.once('error', (error) => {
      reject(
        new TerraformNotUsableError(binary.path, `it did not start in ${options.cwd} (${error.message})`, {
          cause: error,
        }),
      );
    });
    child.once('close', (exitCode, signal) => {
      resolve({ exitCode, signal });
    });
  });
  if (options.signal?.aborted) {
    interrupt();
  }
  options.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const lines = Promise.all([
      eachLine(child.stdout, (line) => options.onLine?.(line, 'stdout')),
      eachLine(child.stderr, (line) => options.onLine?.(line, 'stderr')),
    ]);
    // An error of a listener is thrown after Terraform has exited, not while it still writes its state.
    const [run] = await Promise.allSettled([ended, lines]);
    if (run.status === 'rejected') {
      throw run.reason;
    }
    await lines;
    return run.value;
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
  }
}

async function eachLine(stream: Readable, onLine: (line: string) => void): Promise<void> {
  let failure: { error: unknown } | undefined;
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    // If the listener fails, the rest is still read: Terraform would block on a full pipe.
    if (failure === undefined) {
      try {
        onLine(line);
      } catch (error) {
        failure = { error };
      }
    }
  }
  if (failure !== undefined) {
    throw failure.error;
  }
}
