import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { nameOf, productionLock, type LockedPackages } from './production-lock';

const INTRODUCTION = `# Third-party packages

Packages that \`npm install cdktf-brainwave\` installs, by the license that each package declares. None of them is copied
into this package; each includes the text of its license. \`npm run notices\` generates this file from
\`package-lock.json\`. Peer dependencies (CDKTF, its providers and the inference engines) are not included.
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
  return [INTRODUCTION, ...sections].join('\n');
}

const [file = path.resolve(__dirname, '../../THIRD-PARTY-NOTICES.md')] = process.argv.slice(2);
writeFileSync(file, noticesOf(productionLock().lock.packages));
