import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { runCommand } from '../quickstart/run-command';
import { runSteps } from '../quickstart/steps';
import { writeApiReference } from '../jsii/api-reference';
import { requireReleasable, type ReleasedPackage } from './releasable';

const root = path.resolve(__dirname, '../..');
const folder = path.join(root, 'build/release');

/** Builds a clean checkout from nothing, and runs the package tests on the tarball that is to be published. */
async function release(): Promise<void> {
  const released = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as ReleasedPackage;
  const { name, version } = released;
  const tarball = path.join('build/release', `${name}-${version}.tgz`);
  await runSteps([
    {
      title: `check that ${version} can be released`,
      run: async () => {
        const changed = await runCommand('git', ['status', '--porcelain'], { cwd: root });
        requireReleasable(released, changed, readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8'));
      },
    },
    {
      title: 'build from nothing',
      run: async () => {
        for (const made of [path.join(root, 'dist'), folder]) {
          rmSync(made, { recursive: true, force: true });
        }
        mkdirSync(folder, { recursive: true });
        await runCommand('npm', ['run', '--silent', 'build'], { cwd: root });
      },
    },
    {
      title: 'pack and test the package',
      run: async ({ done }) => {
        const env = { ...process.env, PACK_DESTINATION: folder };
        await runCommand('npm', ['run', 'test:package'], { cwd: root, env });
        done(`tested ${tarball}`);
      },
    },
    {
      title: 'generate the API reference',
      run: async () => {
        // The tests have written the assembly that it is generated from.
        copyFileSync(await writeApiReference(root), path.join(folder, 'API.md'));
      },
    },
  ]);
  process.stdout.write(`\nTo publish ${tarball}, see "Releasing" in CONTRIBUTING.md.\n`);
}

release().catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
