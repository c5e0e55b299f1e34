import { BrainwaveError } from '../errors/brainwave-error';

/** Lowest version of Node.js that the package supports, as in its `engines`. */
const LOWEST = [20, 12] as const;

/** The version of Node.js is too low. */
class NodeVersionError extends BrainwaveError {
  readonly code = 'NODE_VERSION';
}

/**
 * Checks the version of Node.js. npm only warns of `engines`, and an older version fails later, for a reason that does not
 * name it.
 * @throws NodeVersionError if it is too low
 */
export function requireNode(version = process.versions.node): void {
  const [major, minor] = version.split('.').map(Number);
  if (major < LOWEST[0] || (major === LOWEST[0] && minor < LOWEST[1])) {
    throw new NodeVersionError(`Node.js is ${version}, expected ${LOWEST.join('.')} or later`, {
      remedy: 'install a newer version (https://nodejs.org), then reinstall the packages with npm ci',
    });
  }
}
