import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { buildSync } from 'esbuild';

const root = path.resolve(__dirname, '../..');

/** The only dependency in the bundle: the others are loaded by few calls. */
const BUNDLED = 'commander';

/**
 * Modules that few calls load, as the commands import them. They load their own copy of what they share with the bundle, so nothing
 * in it may depend on the classes of their objects.
 */
const ON_DEMAND = ['./local-workloads', '../smoke-test/reports/write-reports'];

/** Replaces `dist/lib/cli/calls.js` by a file that contains what it needs of the library, and makes the command executable. */
function main(): void {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  ) as Record<'dependencies' | 'peerDependencies', Record<string, string>>;
  const packages = Object.keys({ ...dependencies, ...peerDependencies });
  buildSync({
    entryPoints: [path.join(root, 'lib/cli/calls.ts')],
    outfile: path.join(root, 'dist/lib/cli/calls.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    external: [...packages.filter((name) => name !== BUNDLED), ...ON_DEMAND],
    // Names stay, so that stack traces can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
  });
  chmodSync(path.join(root, 'dist/lib/cli/main.js'), 0o755);
}

main();
