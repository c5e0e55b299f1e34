import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { LocalError } from '../local/local-error';
import { LAUNCHER } from './inference-server-launcher';
import { tracebackOf } from './python-traceback';

const POLL_MS = 50;
/** Less than a deployment waits, so that it hears the reason. */
const START_TIMEOUT_MS = 110_000;
/** Longer than the server lets calls in flight run on. */
const STOP_TIMEOUT_MS = 32_000;
/** How much of the output is kept to say why a start failed. */
const KEPT_OUTPUT = 65_536;

export interface InferenceServerOptions {
  /** The interpreter of an environment that holds `azureml-inference-server-http`. */
  readonly python: string;
  readonly codeFolder: string;
  /** The script, relative to its folder. */
  readonly entryScript: string;
  /** What the script finds in `AZUREML_MODEL_DIR`. */
  readonly modelFolder: string;
  /** Processes that score. */
  readonly workers: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Takes what the server and the script write. */
  readonly write: (output: string) => void;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** Azure ML's inference server with a user's entry script, behind a Unix socket. */
export class InferenceServer {
  /** Settles when the process has ended, however it did. */
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
    // Its end is told by the event below.
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
   * @throws LocalError ENTRY_SCRIPT_FAILED with the last lines of the traceback
   */
  static async start(options: InferenceServerOptions): Promise<InferenceServer> {
    const { python, codeFolder, entryScript, modelFolder, workers, environment, write } = options;
    // A socket's path may have 100 characters or so: a project's folder is often longer. The folder is its owner's.
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
          // The folder's content is known by its hash.
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
      // Nothing is in flight: its workers need not be waited for.
      await server.end('SIGINT');
      throw error;
    }
    server.output = '';
    return server;
  }

  get socketPath(): string {
    return path.join(this.folder, 'socket');
  }

  /** Lets calls in flight end, and ends the process. */
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

  private async waitUntilReady(entryScript: string, signal?: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
    const giveUp = signal ? AbortSignal.any([timeout, signal]) : timeout;
    // The socket takes connections before `init` has returned and answers after it: one call is mostly enough.
    while (!(await this.isHealthy(giveUp))) {
      if (this.hasEnded) {
        throw new LocalError(
          'ENTRY_SCRIPT_FAILED',
          `the entry script ${entryScript} could not be started:\n${tracebackOf(this.output)}`,
        );
      }
      if (signal?.aborted) {
        throw new LocalError('ENTRY_SCRIPT_FAILED', `the start of ${entryScript} was broken off`);
      }
      if (timeout.aborted) {
        throw new LocalError(
          'ENTRY_SCRIPT_FAILED',
          `init() of the entry script ${entryScript} has not returned after ${START_TIMEOUT_MS / 1000} s; ` +
            `load less in it, or a smaller model. The last lines that it wrote:\n${tracebackOf(this.output)}`,
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

function ignore(): void {
  // Nothing is lost.
}
