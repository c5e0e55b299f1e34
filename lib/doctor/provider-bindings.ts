import { satisfies } from 'semver';

import type { Check, Finding } from './check';
import { findInstalledPackage, readOwnManifest } from './installed-package';

/** Checks the provider bindings that the constructs load when a stack declares resources of theirs. */
export const checkProviderBindings: Check = async ({ projectFolder }) => {
  const { peerDependencies } = await readOwnManifest();
  const providers = Object.entries(peerDependencies).filter(([name]) => name.startsWith('@cdktf/provider-'));
  return Promise.all(providers.map(([name, range]) => lookAt(name, range, projectFolder)));
};

async function lookAt(name: string, range: string, projectFolder: string): Promise<Finding> {
  const check = 'providers';
  const remedy = `npm install --ignore-scripts ${name}@${range}`;
  const found = await findInstalledPackage(name, projectFolder);
  if (!found) {
    return {
      check,
      outcome: 'note',
      finding: `${name} is not installed; stacks that declare none of its resources do not need it`,
      remedy,
    };
  }
  if (found.name !== name) {
    // Bindings for CDK Terrain have their own version numbers.
    return { check, outcome: 'passed', finding: `${found.name} ${found.version}, as ${name}` };
  }
  return satisfies(found.version, range)
    ? { check, outcome: 'passed', finding: `${name} ${found.version}` }
    : { check, outcome: 'failed', finding: `${name} ${found.version}, expected ${range}`, remedy };
}
