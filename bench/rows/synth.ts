import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { interleave } from '../interleave';
import { findTerraform } from '../../dist/lib/terraform/find-terraform';
import { MissingPeerError, type Row, type Target } from '../row';
import type { SynthCost } from '../synth/measure-synth';

const run = promisify(execFile);
const STACK = 'stacks/services/cdk.tf.json';

interface SynthRow {
  readonly name: string;
  /** Description of the measured quantity. */
  readonly what: string;
  readonly figure: keyof SynthCost;
  readonly target: Target;
  /** Whether a script that takes no time replaces Terraform, which synth runs. */
  readonly withoutTerraform?: true;
}

/** Compares the synth of 100 web services on AKS with the same resources as classes of the providers. */
function synthRow({ name, what, figure, target, withoutTerraform }: SynthRow): Row {
  return {
    name,
    title: `synth of 100 web services on AKS, ${what}; peer: the same resources written as L1`,
    unit: figure === 'mib' ? 'MiB' : 'ms',
    target,
    async measure({ folder, repeats }) {
      const environment = withoutTerraform ? await withScriptForTerraform(folder) : await withTerraform();
      const [ours, peer] = [path.join(folder, 'services'), path.join(folder, 'resources')];
      const synth = async (script: string, ...args: string[]) => {
        const file = path.join(__dirname, '../synth', script);
        const { stdout } = await run(process.execPath, ['--import', 'tsx', file, ...args], {
          env: environment,
        });
        return (JSON.parse(stdout) as SynthCost)[figure];
      };
      const services = () => synth('services.ts', ours);
      const resources = () => synth('resources.ts', peer, path.join(ours, STACK));
      await services();
      await resources();
      const count = await requireSameResources(path.join(ours, STACK), path.join(peer, STACK));
      const runs = withoutTerraform ? 'without' : 'with';
      return {
        ...(await interleave(repeats, services, resources)),
        note: `${count} resources, equal in both; ${runs} the runs of terraform that cdktf makes for each DataResource`,
      };
    },
  };
}

export const synthTime = synthRow({
  name: 'synth-time',
  what: 'by the clock',
  figure: 'ms',
  target: { kind: 'at most', value: 1.2 },
});
/** Cost of the constructs without Terraform. */
export const synthProcessor = synthRow({
  name: 'synth-processor',
  what: 'processor time',
  figure: 'processorMs',
  target: { kind: 'at most', value: 1.2 },
  withoutTerraform: true,
});
export const synthMemory = synthRow({
  name: 'synth-memory',
  what: 'most memory',
  figure: 'mib',
  target: { kind: 'at most', value: 1.2 },
  withoutTerraform: true,
});

/** @throws MissingPeerError if Terraform is missing, without which cdktf cannot declare the peer's resources */
async function withTerraform(): Promise<NodeJS.ProcessEnv> {
  const found = await findTerraform();
  if (!found) {
    throw new MissingPeerError('no terraform on PATH, without which cdktf synthesizes no DataResource');
  }
  return { ...process.env, TERRAFORM_BINARY_NAME: found.path };
}

async function withScriptForTerraform(folder: string): Promise<NodeJS.ProcessEnv> {
  await mkdir(folder, { recursive: true });
  const script = path.join(folder, 'terraform');
  await writeFile(script, '#!/bin/sh\necho Terraform v1.11.4\n');
  await chmod(script, 0o755);
  return { ...process.env, TERRAFORM_BINARY_NAME: script };
}

/** @returns number of resources */
async function requireSameResources(left: string, right: string): Promise<number> {
  const [ours, peer] = await Promise.all([left, right].map(resourcesOf));
  if (JSON.stringify(ours) !== JSON.stringify(peer)) {
    throw new Error(`${left} and ${right} declare different resources`);
  }
  return ours.length;
}

/** Returns the resources of a stack, sorted, without cdktf's metadata. */
async function resourcesOf(file: string): Promise<unknown[]> {
  const { resource } = JSON.parse(await readFile(file, 'utf8')) as {
    resource: Record<string, Record<string, Record<string, unknown>>>;
  };
  return Object.entries(resource)
    .flatMap(([type, named]) =>
      Object.entries(named).map(([name, value]) => [`${type}.${name}`, value] as const),
    )
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, { ...attributes }]) => {
      delete attributes['//'];
      return [name, Object.entries(attributes).sort(([first], [second]) => (first < second ? -1 : 1))];
    });
}
