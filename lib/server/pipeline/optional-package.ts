import { createRequire } from 'node:module';

import { StageNotSupportedError } from './stage-not-supported-error';

const requireHere = createRequire(__filename);

/**
 * Loads a package that only some stages need, so that a user who has no such stage need not install it.
 * @param stage the stage that needs it, for the message
 * @param name the package, or a file in it
 * @throws StageNotSupportedError naming the package to install
 */
export function loadOptionalPackage(stage: string, name: string): unknown {
  try {
    return requireHere(name);
  } catch (error) {
    const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
    const isMissing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    const reason = isMissing
      ? 'is not installed'
      : `does not load (${(error as Error).message.split('\n')[0] ?? ''})`;
    throw new StageNotSupportedError(
      stage,
      `it needs the package ${packageName}, which ${reason}; run \`npm install ${packageName}\``,
    );
  }
}
