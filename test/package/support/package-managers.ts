import path from 'node:path';

import type { UserProject } from './user-project';

/** Installs packages into a project as a user with this package manager does, with its own defaults. */
export interface PackageManager {
  readonly name: string;
  readonly install: (project: UserProject, packages: readonly string[]) => Promise<unknown>;
}

export const npm: PackageManager = {
  name: 'npm',
  install: (project, packages) => project.run('npm', ['install', ...packages]),
};

/** Kept between runs, and apart from the user's own. */
const CACHE = path.resolve(__dirname, '../../../.cdktf-brainwave/pnpm');

/** A package finds only what it asks for: pnpm puts nothing else where it looks. */
export const pnpm: PackageManager = {
  name: 'pnpm',
  install: (project, packages) =>
    project.run(
      'npx',
      [
        '--yes',
        'pnpm@10',
        'add',
        '--prefer-offline',
        `--store-dir=${path.join(CACHE, 'store')}`,
        ...packages,
      ],
      { XDG_CACHE_HOME: path.join(CACHE, 'cache'), XDG_STATE_HOME: path.join(CACHE, 'state') },
    ),
};
