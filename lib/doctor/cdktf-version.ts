import { satisfies } from 'semver';

import { PACKAGE_FOLDER } from '../files/package-folder';
import type { Check, Finding } from './check';
import { findInstalledPackage, readOwnManifest, type InstalledPackage } from './installed-package';

/** Oldest version of CDK Terrain that these constructs are known to work with. */
const TERRAIN = '>=0.24.0';

/** Checks the version of CDKTF (or CDK Terrain) and `constructs`, and that there is only one copy of each. */
export const checkCdktf: Check = async (options) => [
  ...(await lookAt('cdktf', options.projectFolder)),
  ...(await lookForTerrain(options.projectFolder)),
  ...(await lookAt('constructs', options.projectFolder)),
];

async function lookAt(name: string, projectFolder: string): Promise<Finding[]> {
  const check = 'cdktf';
  const { peerDependencies } = await readOwnManifest();
  const range = peerDependencies[name];
  const remedy = `npm install --ignore-scripts ${name}@${range}`;
  const found = await findInstalledPackage(name, projectFolder);
  if (!found) {
    return [{ check, outcome: 'failed', finding: `${name} is not installed, expected ${range}`, remedy }];
  }
  const alias = found.name !== name;
  const title = `${found.name} ${found.version}${alias ? `, as ${name}` : ''}`;
  if (!satisfies(found.version, alias ? TERRAIN : range)) {
    const finding = `${title}, expected ${alias ? TERRAIN : range}`;
    return [
      {
        check,
        outcome: 'failed',
        finding,
        remedy: alias ? 'see docs/cdktn.md for the lines in package.json' : remedy,
      },
    ];
  }
  const copies = await findCopies(name, found, projectFolder);
  return copies.length === 1
    ? [{ check, outcome: 'passed', finding: title }]
    : [
        {
          check,
          outcome: 'failed',
          finding:
            `there are ${copies.length} copies of ${name}: ` +
            `${copies.map(({ version, folder }) => `${version} in ${folder}`).join(', ')}; ` +
            'constructs from different copies are incompatible',
          remedy: `keep one: run npm dedupe; \`npm ls ${name}\` shows which packages require the others`,
        },
      ];
}

/** Finds the copies that the project's program, this package and the provider bindings import. */
async function findCopies(
  name: string,
  own: InstalledPackage,
  projectFolder: string,
): Promise<InstalledPackage[]> {
  const { peerDependencies } = await readOwnManifest();
  const bindings = await Promise.all(
    Object.keys(peerDependencies)
      .filter((peer) => peer.startsWith('@cdktf/provider-'))
      .map((peer) => findInstalledPackage(peer, projectFolder)),
  );
  const importers = [
    PACKAGE_FOLDER,
    ...bindings.flatMap((binding) => (binding && name in binding.peerDependencies ? [binding.folder] : [])),
  ];
  const found = await Promise.all(importers.map((folder) => findInstalledPackage(name, folder)));
  const byFolder = new Map([[own.folder, own]]);
  for (const copy of found) {
    if (copy) {
      byFolder.set(copy.folder, copy);
    }
  }
  return [...byFolder.values()];
}

/** Checks that `cdktn` is not installed together with the original `cdktf`: their constructs are incompatible. */
async function lookForTerrain(projectFolder: string): Promise<Finding[]> {
  const cdktf = await findInstalledPackage('cdktf', projectFolder);
  const terrain = await findInstalledPackage('cdktn', projectFolder);
  if (!terrain || cdktf?.name !== 'cdktf') {
    return [];
  }
  return [
    {
      check: 'cdktf',
      outcome: 'failed',
      finding: `both cdktf ${cdktf.version} and cdktn ${terrain.version} are installed, expected one of them`,
      remedy: 'replace cdktf with cdktn through an alias (docs/cdktn.md), or remove it: npm uninstall cdktn',
    },
  ];
}
