import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

describe('npm run test:interop', () => {
  it('fails, and reports what to install, on a machine without Python', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cdktf-brainwave-test-'));
    const resultsFile = path.join(folder, 'results.json');
    const tsx = require.resolve('tsx/cli');
    const run = spawnSync(process.execPath, [tsx, path.join(__dirname, 'run.ts')], {
      encoding: 'utf8',
      env: { ...process.env, PATH: folder, PYTHON: undefined, TEST_RESULTS_FILE: resultsFile },
    });
    const results: unknown = JSON.parse(readFileSync(resultsFile, 'utf8'));
    rmSync(folder, { recursive: true });

    expect(run.status).toBe(1);
    expect(run.stdout).toContain('install Python 3.9 or later');
    expect(results).toEqual({ passed: 0, failed: 1 });
  });
});
