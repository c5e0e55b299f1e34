import { copyFileSync, existsSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { createConnection } from 'node:net';
import path from 'node:path';

import { listServingProcesses } from '../../lib/process/find-process';
import { declareTinyService } from './tiny-service';
import { freePort, TerraformProject } from './terraform-project';

/** A moment of Terraform's work on a tiny service. */
export interface Moment {
  readonly during: 'create' | 'update' | 'destroy';
  /** What Terraform or a step has just written. */
  readonly at: RegExp;
  readonly name: string;
}

const RESERVATION = 'terraform_data\\.Service_Reservation_\\w+';
const CONFIGURATION = 'terraform_data\\.Service_Configuration_\\w+';
const VERSION = 'terraform_data\\.Service-Model_Version_\\w+';
const MODEL = 'terraform_data\\.Service-Model_[0-9A-F]{8}';

function moment(during: Moment['during'], name: string, text: string): Moment {
  return { during, name, at: new RegExp(text) };
}

/** Each step of a create, an update and a destroy: as it begins, and where it has changed something. */
export const MOMENTS: readonly Moment[] = [
  moment('create', 'before the first resource', 'Plan: 4 to add'),
  moment('create', 'reserving the address', `${RESERVATION}: Provisioning`),
  moment('create', 'registering the model', `${VERSION}: Provisioning`),
  moment('create', 'the model registered', `${VERSION} \\(local-exec\\): registered model`),
  moment('create', 'configuring the service', `${CONFIGURATION}: Provisioning`),
  moment('create', 'its process started', 'process \\d+ started'),
  moment('create', 'the service ready', 'ready on'),
  moment('update', 'the former configuration gone', `${CONFIGURATION}: Destroying`),
  moment('update', 'registering the model', `${VERSION}: Provisioning`),
  moment('update', 'configuring the service', `${CONFIGURATION}: Provisioning`),
  moment('update', 'its process told', 'is switching to the new configuration'),
  moment('update', 'the service changed', 'updated in place'),
  moment('destroy', 'the configuration going', `${CONFIGURATION}: Destroying`),
  moment('destroy', 'removing the service', `${RESERVATION}: Provisioning`),
  moment('destroy', 'its process told', 'stopping process'),
  moment('destroy', 'its process ended', 'process \\d+ stopped'),
  moment('destroy', 'removing the model', `${MODEL}: Provisioning`),
];

/** What was found after an interruption. */
export interface Aftermath {
  /** What the next apply said, where it failed. */
  readonly applyFailure?: string;
  readonly hasChanges: boolean;
  readonly ready: boolean;
  readonly modelVersion: string;
  /** Serving processes of the project after the next apply. */
  readonly processes: number;
  readonly destroyFailure?: string;
  /** What is left after the next destroy: files of services and models, processes, a port that answers. */
  readonly left: readonly string[];
}

/** What follows an interruption. */
export interface Afterwards {
  /** Whether to destroy at once, without applying again. */
  readonly thenDestroy?: boolean;
  /** Whether Terraform is taken to have been killed as it wrote its state. */
  readonly emptyState?: boolean;
}

/** Interrupts Terraform, with all that it runs, at a moment, applies again, and destroys. */
export async function interrupt(
  { during, at }: Moment,
  signal: 'SIGINT' | 'SIGKILL',
  { thenDestroy = false, emptyState = false }: Afterwards = {},
): Promise<Aftermath & { readonly expectedVersion: string }> {
  const project = new TerraformProject();
  try {
    const port = await freePort();
    const synth = (isChanged: boolean): string => {
      let version = '';
      project.synth((stack) => {
        const changes = { operation: 'Neg', primaryRotation: '2' } as const;
        version = declareTinyService(stack, { port, ...(isChanged && changes) }).model!.modelVersion;
      });
      return version;
    };
    let expectedVersion = synth(false);
    await project.init();
    if (during !== 'create') {
      requireOk(await project.apply());
    }
    if (during === 'update') {
      expectedVersion = synth(true);
    }
    const command = during === 'destroy' ? 'destroy' : 'apply';
    const running = await project.start(command, '-auto-approve', '-input=false');
    await running.wrote(at);
    running.signal(signal);
    await running.ended;
    if (emptyState) {
      truncateSync(stateOf(project));
    }
    // What a destroy had removed is in the backup still, so that an apply would find nothing to do.
    if (during !== 'destroy' || thenDestroy) {
      restoreState(project);
    }
    const found = thenDestroy ? undefined : await applyAgain(project);
    const destroyed = await project.destroy();
    return {
      hasChanges: false,
      ready: false,
      modelVersion: '',
      processes: 0,
      ...found,
      ...(!destroyed.ok && { destroyFailure: destroyed.output }),
      left: await leftOf(project, port),
      expectedVersion,
    };
  } finally {
    await project.remove();
  }
}

/**
 * Terraform writes a local state in place: one that is killed in the middle of that leaves an empty file, which it
 * takes for no state at all, and the former one beside it.
 */
function restoreState(project: TerraformProject): void {
  const state = stateOf(project);
  const backup = `${state}.backup`;
  if (existsSync(state) && statSync(state).size === 0 && existsSync(backup)) {
    copyFileSync(backup, state);
  }
}

function stateOf(project: TerraformProject): string {
  return path.join(project.folder, 'terraform.tfstate');
}

async function applyAgain(project: TerraformProject): Promise<Omit<Aftermath, 'left' | 'destroyFailure'>> {
  const applied = await project.apply();
  const service = (await project.services()).at(0);
  return {
    ...(!applied.ok && { applyFailure: applied.output }),
    hasChanges: await project.hasChanges(),
    ready: service?.ready ?? false,
    modelVersion: service?.modelVersion ?? '',
    processes: (await processesOf(project)).length,
  };
}

/** What a project has left on the machine. */
export async function leftOf(project: TerraformProject, port: number): Promise<string[]> {
  const files = ['services', 'models'].flatMap((folder) => filesIn(project, `.cdktf-brainwave/${folder}`));
  const processes = (await processesOf(project)).map(({ pid }) => `process ${pid}`);
  return [...files, ...processes, ...((await answers(port)) ? [`port ${port}`] : [])];
}

/** The serving processes of a project. */
export async function processesOf(project: TerraformProject): Promise<readonly { readonly pid: number }[]> {
  const all = await listServingProcesses();
  return all.filter(({ stateFile }) => stateFile.startsWith(`${project.folder}${path.sep}`));
}

function filesIn(project: TerraformProject, folder: string): string[] {
  try {
    return readdirSync(path.join(project.folder, folder)).map((name) => `${folder}/${name}`);
  } catch {
    // Nothing was ever put there.
    return [];
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const settle = (answered: boolean) => () => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', settle(true)).once('error', settle(false));
  });
}

function requireOk({ ok, output }: { readonly ok: boolean; readonly output: string }): void {
  if (!ok) {
    throw new Error(output);
  }
}
