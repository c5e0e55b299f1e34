import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { LocalError } from '../errors/local-error';
import { ServerStoppedError } from '../serving/serving-errors';
import { LAUNCHER } from './inference-server-launcher';
import { tracebackOf } from './python-traceback';

const POLL_MS = 50;
/** Time limit of a start. Shorter than the deployment's timeout, so that the deployment receives the reason. */
const START_TIMEOUT_MS = 110_000;
/** Time limit of a stop. Longer than the server waits for calls in flight. */
const STOP_TIMEOUT_MS = 32_000;
/** Number of characters of output to keep for the error message of a failed start. */
const KEPT_OUTPUT = 65_536;

export interface InferenceServerOptions {
  /** Python interpreter of an environment that has `azureml-inference-server-http`. */
  readonly python: string;
  readonly codeFolder: string;
  /** The script, relative to `codeFolder`. */
  readonly entryScript: string;
  /** Folder that `AZUREML_MODEL_DIR` points to. */
  readonly modelFolder: string;
  /** Number of scoring processes. */
  readonly workers: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Receives the output of the server and the script. */
  readonly write: (output: string) => void;
  /** Aborts a start in progress. */
  readonly signal?: AbortSignal | undefined;
}

/** Azure ML's inference server with a user's entry script, behind a Unix socket. */
export class InferenceServer {
  /** Resolves when the process has ended, for any reason. */
  readonly ended: Promise<void>;
  private hasEnded = false;
  private output = '';

  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, Readable>,
    private readonly folder: string,
    write: (output: string) => void,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output = `${this.output}${text}`.slice(-KEPT_OUTPUT);
        write(text);
      });
    }
    // The event below reports its end.
    child.stdin.on('error', ignore);
    this.ended = new Promise<void>((resolve) => {
      child.once('error', (error) => {
        this.output += error.message;
        resolve();
      });
      child.once('close', () => {
        resolve();
      });
    }).then(async () => {
      this.hasEnded = true;
      await rm(folder, { recursive: true, force: true });
    });
  }

  /**
   * Starts a server and waits until the script's `init` has returned.
   * @throws LocalError ENTRY_SCRIPT_FAILED with the last lines of the traceback; ServerStoppedError if the signal is aborted
   */
  static async start(options: InferenceServerOptions): Promise<InferenceServer> {
    const { python, codeFolder, entryScript, modelFolder, workers, environment, write } = options;
    // The path of a socket is limited to about 100 characters, and a project's folder is often longer. mkdtemp makes
    // the folder accessible to its owner only.
    const folder = await mkdtemp(path.join(tmpdir(), 'brainwave-'));
    const script = path.join(codeFolder, entryScript);
    const child = spawn(
      python,
      ['-c', LAUNCHER, path.join(folder, 'socket'), script, modelFolder, String(workers)],
      {
        cwd: codeFolder,
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          ...process.env,
          PYTHONUNBUFFERED: '1',
          // The folder is identified by the hash of its content.
          PYTHONDONTWRITEBYTECODE: '1',
          AML_APP_ROOT: codeFolder,
          ...environment,
        },
      },
    );
    const server = new InferenceServer(child, folder, write);
    try {
      await server.waitUntilReady(entryScript, options.signal);
    } catch (error) {
      // Nothing is in flight, so there is no need to wait for its workers.
      await server.end('SIGINT');
      throw error;
    }
    server.output = '';
    return server;
  }

  get socketPath(): string {
    return path.join(this.folder, 'socket');
  }

  /** Waits for calls in flight and ends the process. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) {
      return;
    }
    this.child.kill(signal);
    const kill = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(kill);
  }

  private async waitUntilReady(entryScript: string, signal: AbortSignal | undefined): Promise<void> {
    const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
    const giveUp = signal ? AbortSignal.any([timeout, signal]) : timeout;
    // The socket accepts connections before `init` has returned and responds after it, so one call is usually enough.
    while (!(await this.isHealthy(giveUp))) {
      if (this.hasEnded) {
        throw new LocalError(
          'ENTRY_SCRIPT_FAILED',
          `the entry script ${entryScript} could not be started${missingPackage(this.output)}:\n${tracebackOf(this.output)}`,
        );
      }
      if (signal?.aborted) {
        throw new ServerStoppedError();
      }
      if (timeout.aborted) {
        throw new LocalError(
          'ENTRY_SCRIPT_FAILED',
          `init() of the entry script ${entryScript} has not returned after ${START_TIMEOUT_MS / 1000} s; ` +
            `load less data or a smaller model. The last lines of its output:\n${tracebackOf(this.output)}`,
        );
      }
      await Promise.race([this.ended, delay(POLL_MS)]);
    }
  }

  private isHealthy(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const request = get({ socketPath: this.socketPath, path: '/', signal }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.once('error', () => {
        resolve(false);
      });
      void this.ended.then(() => {
        request.destroy();
      });
    });
  }
}

/** Names the package of a module whose name is not the package's. */
function missingPackage(output: string): string {
  return /No module named 'azureml(?:\.core)?[.']/.test(output)
    ? '; add azureml-core to its requirements, or remove the import of azureml if the script does not use it'
    : '';
}

function ignore(): void {
  // Nothing is lost.
}
