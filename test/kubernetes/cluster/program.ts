import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const READY_TIMEOUT_MS = 120_000;
const LOG_LINES = 20;

/** A program that runs in the background, with its output in a file. */
export class Program {
  /** @param folder the folder of the log, `<name of the program>.log` */
  static start(command: string, args: readonly string[], folder: string): Program {
    const name = path.basename(command);
    const logFile = path.join(folder, `${name}.log`);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(logFile);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.once('close', () => log.end());
    return new Program(name, child, logFile);
  }

  private failure: Error | undefined;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
    private readonly logFile: string,
  ) {
    child.once('error', (error) => {
      this.failure = error;
    });
  }

  /** Waits until the program is ready, and fails if it ends before. */
  async ready(condition: () => Promise<boolean>): Promise<void> {
    const giveUpAt = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < giveUpAt && this.isRunning && !this.failure) {
      if (await condition().catch(() => false)) {
        return;
      }
      await delay(100);
    }
    const reason = this.isRunning ? 'is not ready' : `ended with ${String(this.child.exitCode)}`;
    throw new Error(`${this.name} ${this.failure?.message ?? reason}:\n${this.lastLines()}`);
  }

  /** Ends the program at once: the data of a test cluster is not worth a clean end, which takes kube-apiserver a minute. */
  async end(): Promise<void> {
    if (this.isRunning && this.child.pid !== undefined) {
      const ended = once(this.child, 'close');
      this.child.kill('SIGKILL');
      await ended;
    }
  }

  private get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  private lastLines(): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
  }
}
