import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { installDebianPackages, mayInstall } from '../support/debian-packages';
import { notRun } from '../support/test-results';

/*
 * `npm run test:prometheus`: checks the alerts with promtool, and lets a Prometheus scrape a server. Debian has both in its package
 * `prometheus`, which is installed in CI, as root. With `--if-available`, a machine without them is no failure.
 */

const root = path.resolve(__dirname, '../..');

function missingPrograms(): string[] {
  return ['prometheus', 'promtool'].filter((name) => spawnSync(name, ['--version']).error);
}

async function main(): Promise<void> {
  if (missingPrograms().length > 0 && mayInstall()) {
    process.stdout.write('installing Prometheus\n');
    await installDebianPackages(['prometheus']).catch((error: unknown) => {
      process.stdout.write(`${(error as Error).message}\n`);
    });
  }
  const missing = missingPrograms();
  if (missing.length > 0) {
    notRun(`missing ${missing.join(' and ')} (Debian and Ubuntu: apt-get install prometheus)`);
    return;
  }
  const jest = require.resolve('jest/bin/jest');
  const child = spawn(process.execPath, [jest, '--config', 'test/prometheus/jest.config.js'], {
    cwd: root,
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'close')) as [number | null];
  process.exitCode = code ?? 1;
}

void main();
