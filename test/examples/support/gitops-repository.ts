import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { freePort } from '../../support/free-port';
import { terraformForTests } from '../../support/terraform';

const root = path.resolve(__dirname, '../../..');
const example = path.join(root, 'examples/gitops');
const command = path.join(root, 'dist/lib/cli/main.js');

/** How a script ended, and all that it wrote. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
}

/** A team's repository, made of examples/gitops as its README says, with a service on this machine. */
export class GitopsRepository {
  /** Below this repository, so that packages are found. */
  private readonly parent: string;
  readonly folder: string;
  private environment: NodeJS.ProcessEnv = {};

  constructor() {
    const ignored = path.join(root, '.cdktf-brainwave/tests');
    mkdirSync(ignored, { recursive: true });
    this.parent = mkdtempSync(path.join(ignored, 'gitops-'));
    this.folder = path.join(this.parent, 'gitops');
    cpSync(example, this.folder, {
      recursive: true,
      filter: (file) => !/\/(cdktf\.out|reports|node_modules)$|\.tfstate/.test(file),
    });
    symlinkSync(path.join(root, 'examples/quickstart'), path.join(this.parent, 'quickstart'));
    this.installPackages();
  }

  /** Makes it a git repository with one commit. */
  async init(): Promise<void> {
    const { path: terraform } = await terraformForTests();
    this.environment = {
      ...withoutPipeline(process.env),
      PLATFORM: 'local',
      SCORING_PORT: String(await freePort()),
      TERRAFORM_BINARY_NAME: terraform,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'Test',
      GIT_AUTHOR_EMAIL: 'test@example.com',
      GIT_COMMITTER_NAME: 'Test',
      GIT_COMMITTER_EMAIL: 'test@example.com',
    };
    await this.git('init', '--quiet', '--initial-branch=main');
    await this.commit('Score images of cats');
  }

  /** Runs one of the pipelines' scripts. */
  script(name: string, args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return this.run(path.join(this.folder, 'scripts', `${name}.sh`), args, environment);
  }

  /** Runs a step of a pipeline that is written there. */
  bash(step: string, environment: NodeJS.ProcessEnv): Promise<Outcome> {
    return this.run('bash', ['-c', step], environment);
  }

  /** Runs a script that must succeed. @returns what it wrote */
  async succeed(name: string, args: readonly string[] = []): Promise<string> {
    return required(await this.script(name, args));
  }

  /** @returns what git wrote */
  async git(...args: string[]): Promise<string> {
    return required(await this.run('git', args));
  }

  async commit(message: string): Promise<void> {
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--message', message);
  }

  /** Replaces a text that must be there in a file. */
  edit(file: string, from: string, to: string): void {
    const text = this.read(file);
    if (!text.includes(from)) {
      throw new Error(`${file} does not hold ${from}`);
    }
    this.write(
      file,
      text.replace(from, () => to),
    );
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  write(file: string, content: string): void {
    writeFileSync(this.path(file), content);
  }

  path(file: string): string {
    return path.join(this.folder, file);
  }

  /** The versions of the model that are registered. */
  modelVersions(): string[] {
    return readdirSync(this.path('.cdktf-brainwave/models/efficientnet-lite0')).sort();
  }

  async service(): Promise<{ name: string; modelVersion: string; keyFile: string }> {
    const status = await this.run(process.execPath, [command, 'local', 'status', '--json']);
    const [service] = JSON.parse(required(status)) as {
      name: string;
      modelVersion: string;
      keyFile: string;
    }[];
    return service;
  }

  /** Ends what is left running and removes all of it. */
  async remove(): Promise<void> {
    const status = await this.run(process.execPath, [command, 'local', 'status', '--json']);
    for (const { name } of JSON.parse(required(status)) as { name: string }[]) {
      await this.run(process.execPath, [command, 'local', 'down', name]);
    }
    rmSync(this.parent, { recursive: true, force: true });
  }

  /** What `npm ci` would leave there. */
  private installPackages(): void {
    this.write('package.json', '{"private": true}\n');
    const bin = this.path('node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(root, this.path('node_modules/cdktf-brainwave'));
    for (const tool of ['tsc', 'tsx']) {
      symlinkSync(path.join(root, 'node_modules/.bin', tool), path.join(bin, tool));
    }
    const ours = path.join(bin, 'cdktf-brainwave');
    writeFileSync(
      ours,
      `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(command)} "$@"\n`,
    );
    chmodSync(ours, 0o755);
  }

  private run(file: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const env = { ...this.environment, ...environment };
      const child = spawn(file, args, { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.once('error', reject);
      child.once('close', (exitCode) => {
        resolve({ exitCode, output });
      });
    });
  }
}

/** These tests may run in a pipeline themselves. */
function withoutPipeline(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(GITHUB_|TF_|ARM_|SYSTEM_|AZURE|NODE_TEST_CONTEXT)/.test(name)),
  );
}

function required({ exitCode, output }: Outcome): string {
  if (exitCode !== 0) {
    throw new Error(`exit code ${exitCode}:\n${output}`);
  }
  return output;
}
