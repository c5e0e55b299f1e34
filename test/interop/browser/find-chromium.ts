import { constants } from 'node:fs';
import { access } from 'node:fs/promises';

import { installDebianPackages, mayInstall } from '../../support/debian-packages';
import { SetupError } from '../setup-error';

/** A browser without a font shows no letters. */
const PACKAGES = ['chromium', 'fonts-dejavu-core'];
const USUAL_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Finds a Chromium: the one that CHROMIUM_PATH names, or the system's. In CI, as root, Debian's package is installed
 * where there is none.
 * @param say where a step that takes a while is announced
 * @throws SetupError
 */
export async function findChromium(say: (line: string) => void): Promise<string> {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH !== undefined) {
    if (!(await isExecutable(CHROMIUM_PATH))) {
      throw new SetupError(
        `CHROMIUM_PATH is ${CHROMIUM_PATH}, which cannot be run; set it to a Chromium's path`,
      );
    }
    return CHROMIUM_PATH;
  }
  const found = await findExecutable();
  if (found !== undefined) {
    return found;
  }
  if (mayInstall()) {
    say('installing Chromium');
    await install();
    const installed = await findExecutable();
    if (installed !== undefined) {
      return installed;
    }
  }
  throw new SetupError(
    'there is no Chromium; install one (Debian and Ubuntu: apt-get install chromium), or set CHROMIUM_PATH to its path',
  );
}

async function install(): Promise<void> {
  try {
    await installDebianPackages(PACKAGES);
  } catch (error) {
    throw new SetupError(`cannot install Chromium: ${(error as Error).message}`, { cause: error });
  }
}

async function findExecutable(): Promise<string | undefined> {
  for (const candidate of USUAL_PATHS) {
    if (await isExecutable(candidate)) {
      return candidate;
    }
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
