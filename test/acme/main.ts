import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { installProviders, PROVIDERS, ProvidersUnavailableError } from '../azure/provider-mirror';
import { terraformForTests } from '../support/terraform';
import { notRun } from '../support/test-results';

/*
 * `npm run test:acme`: deploys a service on this machine with a certificate that the real `acme` provider orders from Pebble, an ACME
 * authority for tests, and imports one into a vault of the simulated Azure, after a challenge in a DNS zone there. Debian has Pebble in
 * its package `pebble`. With `--if-available`, a machine without Pebble or the providers is no failure.
 */

const root = path.resolve(__dirname, '../..');
const folder = path.join(root, 'build/acme');
const REQUIRED = { acme: { source: 'vancluever/acme', version: '~> 2.44' }, azurerm: PROVIDERS.azurerm };

async function main(): Promise<void> {
  if (spawnSync('pebble', ['-h']).error) {
    notRun('missing pebble (Debian and Ubuntu: apt-get install pebble)');
    return;
  }
  mkdirSync(folder, { recursive: true });
  let configurationFile: string;
  try {
    const { signal } = new AbortController();
    ({ configurationFile } = await installProviders(await terraformForTests(), folder, signal, REQUIRED));
  } catch (error) {
    if (!(error instanceof ProvidersUnavailableError)) {
      throw error;
    }
    notRun(`terraform init could not install the providers: ${error.message}`);
    return;
  }
  spawn(process.execPath, [require.resolve('jest/bin/jest'), '--config', 'test/acme/jest.config.js'], {
    cwd: root,
    env: { ...process.env, TF_CLI_CONFIG_FILE: configurationFile },
    stdio: 'inherit',
  }).once('close', (code) => {
    process.exitCode = code ?? 1;
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
