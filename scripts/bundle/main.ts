import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { buildSync } from 'esbuild';

import { BUNDLES } from './bundles';
import { loadOnFirstUse } from './load-on-first-use';

const root = path.resolve(__dirname, '../..');

/** Writes the bundles to `dist`, makes the index of the constructs load them on first use, and the command executable. */
function main(): void {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  ) as Record<'dependencies' | 'peerDependencies', Record<string, string>>;
  const all = Object.keys({ ...dependencies, ...peerDependencies });
  for (const { entry, packages, onDemand = [] } of BUNDLES) {
    buildSync({
      entryPoints: [path.join(root, `lib/${entry}.ts`)],
      outfile: path.join(root, `dist/lib/${entry}.js`),
      bundle: true,
      platform: 'node',
      target: 'node20',
      external: [...all.filter((name) => !packages.includes(name)), ...onDemand],
      // Names stay, so that stack traces can be read.
      minifySyntax: true,
      minifyWhitespace: true,
      logLevel: 'warning',
    });
  }
  loadOnFirstUse(path.join(root, 'dist/constructs/index.js'));
  chmodSync(path.join(root, 'dist/lib/cli/main.js'), 0o755);
}

main();
