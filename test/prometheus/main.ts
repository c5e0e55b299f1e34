import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/*
 * `npm run test:prometheus`: checks the alerts with promtool, which Debian has in its package `prometheus`. With
 * `--if-available`, a machine without promtool is no failure.
 */

const root = path.resolve(__dirname, '../..');

if (spawnSync('promtool', ['--version']).error) {
  process.stdout.write(
    'not run: promtool is not installed (Debian and Ubuntu: apt-get install prometheus)\n',
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
