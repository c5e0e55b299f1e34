import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { BUNDLES } from '../bundle/bundles';
import { nameOf, productionLock, type LockedPackages } from './production-lock';

const root = path.resolve(__dirname, '../..');

const INTRODUCTION = `# Third-party packages

Packages that \`npm install cdktf-brainwave\` installs, by the license that each package declares. Each includes the text of
its license; the texts of those that are also copied into \`dist\` are at the end. \`npm run notices\` generates this file
from \`package-lock.json\`. Peer dependencies (CDKTF, its providers and the inference engines) are not included.
`;

/** Formats the installed packages by license. */
function noticesOf(packages: LockedPackages): string {
  const byLicense = new Map<string, Set<string>>();
  for (const [place, { license = 'not declared' }] of Object.entries(packages)) {
    if (place !== '') {
      byLicense.set(license, (byLicense.get(license) ?? new Set()).add(nameOf(place)));
    }
  }
  const sections = [...byLicense]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([license, names]) =>
        `## ${license}\n\n${[...names]
          .sort()
          .map((name) => `- ${name}\n`)
          .join('')}`,
    );
  return [
    INTRODUCTION,
    ...sections,
    '## Copied packages\n',
    ...copiedPackages(packages).map(licenseText),
  ].join('\n');
}

/** Returns the packages in the bundles, and what they depend on. */
function copiedPackages(packages: LockedPackages): string[] {
  const copied = new Set(BUNDLES.flatMap(({ packages: names }) => names));
  for (const name of copied) {
    for (const dependency of Object.keys(packages[`node_modules/${name}`].dependencies ?? {})) {
      copied.add(dependency);
    }
  }
  return [...copied].sort();
}

function licenseText(name: string): string {
  const text = readFileSync(path.join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim();
  return `### ${name}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
}

const [file = path.join(root, 'THIRD-PARTY-NOTICES.md')] = process.argv.slice(2);
writeFileSync(file, noticesOf(productionLock().lock.packages));
