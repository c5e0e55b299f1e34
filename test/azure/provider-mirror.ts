import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { TerraformBinary } from '../../lib/terraform/terraform-binary';
import { runTerraform } from '../../scripts/terraform/run-terraform';

/** The providers that stacks use, with the versions that the bindings allow. */
export const PROVIDERS = {
  azurerm: { source: 'hashicorp/azurerm', version: '~> 4.0' },
  azapi: { source: 'azure/azapi', version: '~> 2.9' },
  kubernetes: { source: 'hashicorp/kubernetes', version: '~> 2.0' },
  random: { source: 'hashicorp/random', version: '~> 3.1' },
};

/** Providers that `terraform init` could not get, with its reason. */
export class ProvidersUnavailableError extends Error {}

/** Providers that are installed once, for all stacks of a run. */
export interface ProviderMirror {
  /** A configuration file for Terraform that takes providers from here, and from nowhere else. */
  readonly configurationFile: string;
  /** Versions by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Installs the providers as the user's own configuration says: from a registry or a mirror. Stacks then take them from there,
 * since they reach nothing but the simulated Azure.
 *
 * @throws ProvidersUnavailableError
 */
export async function installProviders(
  terraform: TerraformBinary,
  parent: string,
  signal: AbortSignal,
  required: Readonly<Record<string, { readonly source: string; readonly version: string }>> = PROVIDERS,
): Promise<ProviderMirror> {
  const folder = path.join(parent, 'providers');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'main.tf.json'),
    JSON.stringify({ terraform: { required_providers: required } }),
  );
  const lines: string[] = [];
  const run = (args: readonly string[], onLine: (line: string) => void) =>
    runTerraform(terraform, args, { cwd: folder, onLine, signal });
  const { exitCode } = await run(['init', '-input=false', '-no-color'], (line) => lines.push(line));
  if (exitCode !== 0) {
    throw new ProvidersUnavailableError(reasonOf(lines.join('\n')));
  }
  const version: string[] = [];
  await run(['version', '-json'], (line) => version.push(line));
  const { provider_selections: selections } = JSON.parse(version.join('\n')) as {
    provider_selections: Readonly<Record<string, string>>;
  };
  const configurationFile = path.join(folder, 'terraform.rc');
  const mirror = path.join(folder, '.terraform/providers');
  await writeFile(
    configurationFile,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  return {
    configurationFile,
    versions: Object.fromEntries(
      Object.entries(selections).map(([source, selected]) => [path.posix.basename(source), selected]),
    ),
  };
}

/** Terraform's first error, on one line. */
function reasonOf(output: string): string {
  const [, error = output] = /Error: ([^]*?)(?:\n\n(?:Error|To see)|$)/.exec(output) ?? [];
  return error.replace(/\s+/g, ' ').trim();
}
