import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { interleave } from '../interleave';
import type { Row } from '../row';
import type { SynthCost } from '../synth/measure-synth';

const run = promisify(execFile);
const STACK = 'stacks/services/cdk.tf.json';

/** Synth of 100 web services on AKS against the same resources as the providers' own classes. */
function synthRow(name: string, what: string, unit: keyof SynthCost): Row {
  return {
    name,
    title: `synth of 100 web services on AKS, ${what}; peer: the same resources written as L1`,
    unit: unit === 'ms' ? 'ms' : 'MiB',
    target: { kind: 'at most', value: 1.2 },
    async measure({ folder, repeats }) {
      const environment = await withoutTerraform(folder);
      const [ours, peer] = [path.join(folder, 'services'), path.join(folder, 'resources')];
      const synth = async (script: string, ...args: string[]) => {
        const file = path.join(__dirname, '../synth', script);
        const { stdout } = await run(process.execPath, ['--import', 'tsx', file, ...args], {
          env: environment,
        });
        return (JSON.parse(stdout) as SynthCost)[unit];
      };
      const services = () => synth('services.ts', ours);
      const resources = () => synth('resources.ts', peer, path.join(ours, STACK));
      await services();
      await resources();
      const count = await requireSameResources(path.join(ours, STACK), path.join(peer, STACK));
      return {
        ...(await interleave(repeats, services, resources)),
        note: `${count} resources, equal in both; without the runs of terraform that cdktf makes for each terraform_data`,
      };
    },
  };
}

export const synthTime = synthRow('synth-time', 'processor time', 'ms');
export const synthMemory = synthRow('synth-memory', 'most memory', 'mib');

/** cdktf asks Terraform for its version once for each `terraform_data`, which would be most of both times. */
async function withoutTerraform(folder: string): Promise<NodeJS.ProcessEnv> {
  await mkdir(folder, { recursive: true });
  const script = path.join(folder, 'terraform');
  await writeFile(script, '#!/bin/sh\necho Terraform v1.9.8\n');
  await chmod(script, 0o755);
  return { ...process.env, TERRAFORM_BINARY_NAME: script };
}

/** @returns how many there are */
async function requireSameResources(left: string, right: string): Promise<number> {
  const [ours, peer] = await Promise.all([left, right].map(resourcesOf));
  if (JSON.stringify(ours) !== JSON.stringify(peer)) {
    throw new Error(`${left} and ${right} declare different resources`);
  }
  return ours.length;
}

/** The resources of a stack, sorted, without cdktf's notes. */
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
