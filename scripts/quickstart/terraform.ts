import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { findTerraform } from '../../lib/terraform/find-terraform';
import type { TerraformBinary } from '../../lib/terraform/terraform-binary';
import { fetchTerraform } from '../terraform/fetch-terraform';
import { runTerraform } from '../terraform/run-terraform';
import { type DiagnosticEvent, parseUiLine, type TerraformEvent } from '../terraform/terraform-event';
import { cacheFolder, type Example } from './project';
import { StepFailedError } from './step-failed-error';

/** Mirror to download Terraform from, for machines without access to HashiCorp's site. */
const MIRROR_VARIABLE = 'CDKTF_BRAINWAVE_TERRAFORM_MIRROR';

/**
 * Returns Terraform or OpenTofu from PATH, or else the pinned release, which is downloaded once.
 * @param say Receives a message about the download.
 */
export async function provideTerraform(
  say: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
  cacheDirectory: string = cacheFolder,
): Promise<TerraformBinary> {
  const found = await findTerraform({ env });
  if (found) {
    return found;
  }
  const baseUrl = env[MIRROR_VARIABLE];
  let nextPercent = 10;
  return fetchTerraform({
    cacheDirectory,
    ...(baseUrl && { baseUrl }),
    onStart: (url) => {
      say(`no Terraform or OpenTofu on PATH: downloading ${url} and verifying its SHA-256`);
    },
    onProgress: ({ receivedBytes, totalBytes }) => {
      const percent = totalBytes ? (100 * receivedBytes) / totalBytes : 0;
      if (percent >= nextPercent) {
        say(`downloaded ${Math.floor(percent)} % of ${Math.round((totalBytes ?? 0) / 1e6)} MB`);
        nextPercent += 10;
      }
    },
  });
}

/** Formats a binary for messages. */
export function describeBinary({ product, version, path: file }: TerraformBinary): string {
  return `${product === 'opentofu' ? 'OpenTofu' : 'Terraform'} ${version} (${file})`;
}

/** Changes of an apply or a destroy. */
export interface Changes {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Paths of the constructs whose resources were created. */
  readonly created: readonly string[];
}

/**
 * Runs `init`, `apply` or `destroy` in the stack's folder.
 * @param onLine Receives the progress of Terraform and the provisioners, with construct paths instead of addresses.
 * @throws StepFailedError with Terraform's errors
 */
export async function terraform(
  { stackFolder, script }: Example,
  binary: TerraformBinary,
  subcommand: 'init' | 'apply' | 'destroy',
  onLine: (line: string) => void,
): Promise<Changes> {
  const paths = await constructPaths(stackFolder);
  const errors: string[] = [];
  const created: string[] = [];
  const startedAt = new Map<string, number>();
  let summary = { add: 0, change: 0, remove: 0 };
  const listen = (event: TerraformEvent): void => {
    switch (event.type) {
      case 'apply_start':
        startedAt.set(event.address, performance.now());
        break;
      case 'apply_complete':
        if (event.action === 'create') {
          created.push(paths.get(event.address) ?? event.address);
        }
        onLine(
          `${paths.get(event.address) ?? event.address}: ${event.action === 'create' ? 'created' : 'destroyed'} ` +
            `(${seconds(startedAt.get(event.address))})`,
        );
        break;
      case 'provision_progress':
        if (!event.output.startsWith('local-exec:')) {
          onLine(`${paths.get(event.address) ?? event.address}: ${event.output}`);
        }
        break;
      case 'change_summary':
        summary = event;
        break;
      case 'diagnostic':
        if (event.severity === 'error') {
          errors.push(reasonOf(event));
        }
        break;
      default:
    }
  };
  const interruption = new AbortController();
  const onInterrupt = () => {
    if (!interruption.signal.aborted) {
      interruption.abort();
      onLine('interrupted: Terraform finishes its current operations and writes its state');
    }
  };
  // The terminal also interrupts Terraform. A second interrupt from here would end it before its state is written.
  process.on('SIGINT', onInterrupt);
  const args =
    subcommand === 'init' ? ['-input=false', '-no-color'] : ['-auto-approve', '-input=false', '-json'];
  const plain: string[] = [];
  const { exitCode } = await runTerraform(binary, [subcommand, ...args], {
    cwd: stackFolder,
    env: { ...process.env, TF_IN_AUTOMATION: '1' },
    onLine: (line, stream) => {
      const event = stream === 'stdout' ? parseUiLine(line) : undefined;
      if (event) {
        listen(event);
      } else {
        plain.push(line);
      }
    },
  }).finally(() => process.removeListener('SIGINT', onInterrupt));
  if (interruption.signal.aborted) {
    throw new StepFailedError(
      `terraform ${subcommand} was interrupted; run \`npm run ${script}\` to continue, ` +
        `or \`npm run ${script}:destroy\` to remove what was created`,
    );
  }
  if (exitCode !== 0) {
    const reasons = errors.length > 0 ? errors : plain;
    throw new StepFailedError(`terraform ${subcommand} failed:\n${reasons.join('\n').trim()}`);
  }
  return { added: summary.add, changed: summary.change, removed: summary.remove, created };
}

/** Returns the reason for a failure. If a provisioner failed, returns its output instead of its command. */
function reasonOf({ summary, detail }: DiagnosticEvent): string {
  const provisioner = /^Error running command .*?: exit status \d+\. Output: (.+)$/s.exec(detail);
  return provisioner?.[1] ?? [summary, detail].filter(Boolean).join('\n');
}

/** Formats a duration. Terraform reports only whole seconds. */
function seconds(startedAt = performance.now()): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

interface SynthesizedResource {
  readonly '//'?: { readonly metadata?: { readonly path?: string } };
  /** JSON for the provisioner. */
  readonly triggers_replace?: { readonly specification?: string };
  readonly provisioner?: readonly {
    readonly 'local-exec'?: { readonly interpreter?: readonly string[]; readonly command?: string };
  }[];
}

/** Returns the resources of the synthesized stack, by their addresses in Terraform. */
export async function synthesizedResources(stackFolder: string): Promise<Map<string, SynthesizedResource>> {
  const json = JSON.parse(await readFile(path.join(stackFolder, 'cdk.tf.json'), 'utf8')) as {
    readonly resource?: Record<string, Record<string, SynthesizedResource>>;
  };
  return new Map(
    Object.entries(json.resource ?? {}).flatMap(([type, resources]) =>
      Object.entries(resources).map(([name, resource]) => [`${type}.${name}`, resource] as const),
    ),
  );
}

async function constructPaths(stackFolder: string): Promise<Map<string, string>> {
  const resources = await synthesizedResources(stackFolder);
  return new Map(
    [...resources].map(
      ([address, resource]) => [address, resource['//']?.metadata?.path ?? address] as const,
    ),
  );
}
