import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { nameOf, productionLock, type LockedPackages } from './production-lock';

const INTRODUCTION = `# Third-party packages

What \`npm install cdktf-brainwave\` installs with it, and under which licences, as the packages themselves say. None of
them is copied into this package; each comes with its licence's text. \`npm run notices\` writes this file from
\`package-lock.json\`. Peers (CDKTF and its providers, and the inference engines) are your project's own.
`;

/** The page of what is installed, by licence. */
function noticesOf(packages: LockedPackages): string {
  const byLicence = new Map<string, Set<string>>();
  for (const [place, { license = 'not said' }] of Object.entries(packages)) {
    if (place !== '') {
      byLicence.set(license, (byLicence.get(license) ?? new Set()).add(nameOf(place)));
    }
  }
  const sections = [...byLicence]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([licence, names]) =>
        `## ${licence}\n\n${[...names]
          .sort()
          .map((name) => `- ${name}\n`)
          .join('')}`,
    );
  return [INTRODUCTION, ...sections].join('\n');
}

const [file = path.resolve(__dirname, '../../THIRD-PARTY-NOTICES.md')] = process.argv.slice(2);
writeFileSync(file, noticesOf(productionLock().lock.packages));
