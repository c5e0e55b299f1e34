import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';

import { runCommand } from '../quickstart/run-command';
import { repository } from './folders';

/**
 * Installs the packages of a lock file in another folder.
 * @param options additional options of `npm ci`
 */
export async function installFromLock(
  from: string,
  folder: string,
  options: readonly string[] = [],
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(path.join(from, file), path.join(folder, file));
  }
  copyFileSync(path.join(repository, '.npmrc'), path.join(folder, '.npmrc'));
  await runCommand('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline', ...options], { cwd: folder });
}
