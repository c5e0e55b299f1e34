import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/*
 * `npm run test:prometheus`: checks the alerts with promtool, and lets a Prometheus scrape a server. Debian has both in its package
 * `prometheus`. With `--if-available`, a machine without them is no failure.
 */

const root = path.resolve(__dirname, '../..');

const missing = ['prometheus', 'promtool'].filter((name) => spawnSync(name, ['--version']).error);

if (missing.length > 0) {
  process.stdout.write(
    `not run: missing ${missing.join(' and ')} (Debian and Ubuntu: apt-get install prometheus)\n`,
  );
  if (process.argv.includes('--if-available')) {
    const { TEST_RESULTS_FILE } = process.env;
    if (TEST_RESULTS_FILE !== undefined) {
      writeFileSync(TEST_RESULTS_FILE, `${JSON.stringify({ notRun: true })}\n`);
    }
  } else {
    process.exitCode = 1;
  }
} else {
  const jest = require.resolve('jest/bin/jest');
  spawn(process.execPath, [jest, '--config', 'test/prometheus/jest.config.js'], {
    cwd: root,
    stdio: 'inherit',
  }).once('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
