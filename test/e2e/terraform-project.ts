import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

import { App, LocalBackend, TerraformStack } from 'cdktf';

import type { LocalWorkloadStatus } from '../../lib/local/local-workload';
import { terraformForTests } from '../support/terraform';
import { until } from '../support/until';
import { listServingProcesses } from '../../lib/process/find-process';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');
const command = path.join(root, 'dist/lib/cli/main.js');

/** What a program that was run to its end has written. */
export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** A Terraform that runs, with the steps that it runs in its process group. */
export interface RunningTerraform {
  /**
   * Waits until it has written something.
   * @param limitMs default: that of `until`
   * @throws where it ends before
   */
  wrote(text: RegExp, limitMs?: number): Promise<void>;
  /** Signals the whole group, as a terminal does. */
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

/**
 * A project of a user's, with a folder of its own below the repository, so that it finds the package. Its
 * stack is synthesized by CDKTF and applied by Terraform.
 */
export class TerraformProject {
  readonly folder: string;

  /** @param name what the folder's name begins with */
  constructor(name = 'project-') {
    const parent = path.join(root, '.cdktf-brainwave/e2e');
    mkdirSync(parent, { recursive: true });
    this.folder = mkdtempSync(path.join(parent, name));
    // What npm would put there; a package.json makes it a project.
    writeFileSync(path.join(this.folder, 'package.json'), '{"private": true}\n');
    mkdirSync(path.join(this.folder, 'node_modules'));
    symlinkSync(root, path.join(this.folder, 'node_modules/cdktf-brainwave'));
  }

  get stackFolder(): string {
    return path.join(this.folder, 'cdktf.out/stacks/e2e');
  }

  /** Synthesizes a stack in the project's folder, to which the paths in it are relative. */
  synth(declare: (stack: TerraformStack) => void): void {
    this.synthApp((app) => {
      const stack = new TerraformStack(app, 'e2e');
      new LocalBackend(stack, { path: '../../../terraform.tfstate' });
      declare(stack);
    });
  }

  /** Synthesizes an app of several stacks, each of which declares a backend. */
  synthApp(declare: (app: App) => void): void {
    const before = process.cwd();
    process.chdir(this.folder);
    try {
      const app = new App({ outdir: 'cdktf.out' });
      declare(app);
      app.synth();
    } finally {
      process.chdir(before);
    }
  }

  async init(): Promise<void> {
    const { ok, output } = await this.terraform('init', '-input=false');
    if (!ok) {
      throw new Error(output);
    }
  }

  apply(environment?: NodeJS.ProcessEnv): Promise<Outcome> {
    return this.terraformWith(environment, 'apply', '-auto-approve', '-input=false');
  }

  destroy(environment?: NodeJS.ProcessEnv): Promise<Outcome> {
    return this.terraformWith(environment, 'destroy', '-auto-approve', '-input=false');
  }

  /** Whether a plan would change something. */
  async hasChanges(): Promise<boolean> {
    const { ok } = await this.terraform('plan', '-detailed-exitcode', '-input=false');
    return !ok;
  }

  /** Starts Terraform in a process group of its own. */
  start(...args: string[]): Promise<RunningTerraform> {
    return this.startWith({}, ...args);
  }

  /** The same with environment variables. */
  async startWith(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<RunningTerraform> {
    const { path: binary } = await terraformForTests();
    const child = spawn(binary, [...args, '-no-color'], {
      cwd: this.stackFolder,
      env: { ...process.env, ...environment, TF_IN_AUTOMATION: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    let hasEnded = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    const ended = new Promise<Outcome>((resolve) => {
      child.once('close', (code) => {
        hasEnded = true;
        resolve({ ok: code === 0, output });
      });
    });
    return {
      ended,
      wrote: async (text, limitMs) => {
        await until(() => hasEnded || text.test(output), limitMs);
        if (!text.test(output)) {
          throw new Error(`ended without ${String(text)}:\n${output}`);
        }
      },
      signal: (name) => {
        process.kill(-child.pid!, name);
      },
    };
  }

  terraform(...args: string[]): Promise<Outcome> {
    return this.terraformWith({}, ...args);
  }

  async services(): Promise<LocalWorkloadStatus[]> {
    const { stdout } = await run(process.execPath, [command, 'local', 'status', '--json'], {
      cwd: this.folder,
    });
    return JSON.parse(stdout) as LocalWorkloadStatus[];
  }

  async service(): Promise<LocalWorkloadStatus> {
    const only = (await this.services()).at(0);
    if (!only) {
      throw new Error('no service is deployed');
    }
    return only;
  }

  /** `cdktf-brainwave` in the project's folder. */
  async command(...args: string[]): Promise<Outcome> {
    return outcome(run(process.execPath, [command, ...args], { cwd: this.folder }));
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8');
  }

  /** Ends what is left running and removes the folder. */
  async remove(): Promise<void> {
    // It fails where only the process of a service is left.
    for (const { name } of await this.services().catch(() => [])) {
      await this.command('local', 'down', name);
    }
    // A test may have removed the folder of a service that still runs.
    for (const { pid, stateFile } of await listServingProcesses()) {
      if (stateFile.startsWith(`${this.folder}${path.sep}`)) {
        process.kill(pid, 'SIGKILL');
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Terraform in one of several stacks. */
  async terraformIn(
    stack: string,
    environment: NodeJS.ProcessEnv | undefined,
    ...args: string[]
  ): Promise<Outcome> {
    const { path: binary } = await terraformForTests();
    const env = { ...process.env, ...environment, TF_IN_AUTOMATION: '1' };
    const cwd = path.join(this.folder, 'cdktf.out/stacks', stack);
    return outcome(run(binary, [...args, '-no-color'], { cwd, env, maxBuffer: 2 ** 26 }));
  }

  private terraformWith(environment: NodeJS.ProcessEnv | undefined, ...args: string[]): Promise<Outcome> {
    return this.terraformIn('e2e', environment, ...args);
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function outcome(running: Promise<{ stdout: string; stderr: string }>): Promise<Outcome> {
  try {
    const { stdout, stderr } = await running;
    return { ok: true, output: stdout + stderr };
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return { ok: false, output: `${stdout ?? ''}${stderr ?? ''}` || String(error) };
  }
}
