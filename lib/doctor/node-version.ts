import { satisfies } from 'semver';

import type { Check } from './check';
import { readOwnManifest } from './installed-package';

/** Checks the version of Node.js, which runs synth and the steps of a local deployment. */
export const checkNode: Check = async () => {
  const { engines } = await readOwnManifest();
  const range = engines.node;
  const version = process.versions.node;
  return [
    satisfies(version, range)
      ? { check: 'node', outcome: 'passed', finding: `Node.js ${version}` }
      : {
          check: 'node',
          outcome: 'failed',
          finding: `Node.js ${version}, expected ${range}`,
          remedy: 'install a newer version (https://nodejs.org), then reinstall the packages with npm ci',
        },
  ];
};
