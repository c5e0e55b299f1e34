import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { inputHashes } from '../input-hashes';

const root = path.resolve(__dirname, '../..');
/** Hashes of the last build. In `dist`, so that a build follows when that folder is removed. */
const stampFile = path.join(root, 'dist/build.sha256');
/** The compiler rewrites it whenever it runs for other sources, also without this script. */
const COMPILER_STATE = 'dist/build.tsbuildinfo';

const HASHED = [
  ...['constructs', 'lib', 'scripts/bundle'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
  COMPILER_STATE,
];

/**
 * Compiles the library and bundles its command, unless nothing has changed since the last build: most scripts of package.json
 * begin with a build, and the compiler takes seconds to find out that there is nothing to do.
 */
function main(): void {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === currentStamp()) {
    return;
  }
  rmSync(stampFile, { force: true });
  for (const command of ['tsc -p tsconfig.build.json', 'tsx scripts/bundle/main.ts']) {
    // A shell finds the commands of packages, on Windows, too.
    const { status } = spawnSync(command, { cwd: root, stdio: 'inherit', shell: true });
    if (status !== 0) {
      process.exitCode = status ?? 1;
      return;
    }
  }
  writeFileSync(stampFile, currentStamp());
}

function currentStamp(): string {
  return inputHashes(HASHED.filter((name) => existsSync(path.join(root, name))));
}

main();
