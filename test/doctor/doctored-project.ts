import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Finding } from '../../lib/doctor/check';
import { afterwards } from '../support/cleanup';
import { runCommand, type CommandResult } from '../support/cli';
import { freePort } from '../support/free-port';
import { terraformForTests } from '../support/terraform';

const ignored = path.resolve(__dirname, '../../.cdktf-brainwave/tests');

/** What a fake Azure CLI answers to `account show`, `role assignment list` and `vm list-usage`; a text is an error. */
export interface AzureAnswers {
  readonly account?: object | string;
  /** Answered only for the roles of this assignee on this scope, with those of its groups and of scopes above. */
  readonly roles?: { readonly assignee: string; readonly scope: string; readonly answer: object | string };
  readonly usages?: object | string;
}

/** A project whose machine is known: nothing is on PATH but what a test puts there. */
export class DoctoredProject {
  readonly folder = newFolder();
  private readonly bin = path.join(this.folder, 'bin');

  constructor() {
    afterwards(() => {
      rmSync(this.folder, { recursive: true, force: true });
    });
    mkdirSync(this.bin);
    writeFileSync(path.join(this.folder, 'package.json'), '{"private": true}\n');
  }

  /** Puts a package where npm would; its code is this text. */
  install(name: string, version: string, { as = name, code = '' } = {}): void {
    const folder = path.join(this.folder, 'node_modules', as);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
    writeFileSync(path.join(folder, 'index.js'), code);
  }

  /** Puts an `az` on PATH, a process of its own with recorded answers. */
  installAzureCli({ account = NOT_LOGGED_IN, roles, usages = NOT_LOGGED_IN }: AzureAnswers): void {
    const list =
      `role assignment list --assignee ${roles?.assignee} --scope ${roles?.scope} ` +
      '--include-inherited --include-groups --output json';
    const answers = { 'account show': account, 'vm list-usage': usages, [list]: roles?.answer };
    this.putOnPath(
      'az',
      `const answers = ${JSON.stringify(answers)};
       const [first, second, ...others] = process.argv.slice(2);
       const answer = answers[first + ' ' + second] ?? answers[[first, second, ...others].join(' ')] ?? 'ERROR: unexpected';
       if (typeof answer === 'string') { console.error(answer); process.exit(1); }
       console.log(JSON.stringify(answer));`,
    );
  }

  /** Puts a program on PATH, written in JavaScript. */
  putOnPath(name: string, code: string): void {
    const file = path.join(this.bin, name);
    writeFileSync(file, `#!${process.execPath}\n${code}\n`);
    chmodSync(file, 0o755);
  }

  /** `cdktf-brainwave doctor` with no network, a free port and the tests' Terraform, unless told otherwise. */
  async doctor(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<CommandResult> {
    const defaults = ['--port', String(await freePort()), '--time-host', `127.0.0.1:${await freePort()}`];
    const { path: terraform } = await terraformForTests();
    return runCommand(['doctor', ...defaults, ...args], this.folder, {
      env: { PATH: this.bin, TERRAFORM_BINARY_NAME: terraform, ...NO_ACCESS, ...env },
    });
  }

  /** The findings of one check. */
  async findings(
    check: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ findings: Finding[]; exitCode: number | null }> {
    const { stdout, exitCode } = await this.doctor(['--json', ...args], env);
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return { findings: findings.filter((each) => each.check === check), exitCode };
  }
}

/** As the CLI says it, word by word. */
export const NOT_LOGGED_IN = "ERROR: Please run 'az login' to setup account.";

/** Neither an account nor a cluster of the person who runs the tests. */
const NO_ACCESS = { ARM_CLIENT_ID: '', ARM_SUBSCRIPTION_ID: '', ARM_USE_OIDC: '', KUBECONFIG: '' };

/** Below the repository, so that its packages are found. */
function newFolder(): string {
  mkdirSync(ignored, { recursive: true });
  return mkdtempSync(path.join(ignored, 'doctor-'));
}
