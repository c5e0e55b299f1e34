import { StepFailedError } from '../quickstart/step-failed-error';

/** Fields of `package.json` that a release needs. */
export interface ReleasedPackage {
  readonly name: string;
  readonly version: string;
  readonly repository?: { readonly url?: string } | undefined;
}

/**
 * Checks that what is published can be found again: the package names its repository, the checkout has no changes, and the
 * changelog has the version with its date.
 * @param changed output of `git status --porcelain`
 * @throws StepFailedError with what to do first
 */
export function requireReleasable(
  { version, repository }: ReleasedPackage,
  changed: string,
  changelog: string,
): void {
  if (repository?.url === undefined) {
    throw new StepFailedError(
      'package.json has no repository.url, which npm compares with the provenance; set it to the address of the public ' +
        'repository: git+https://github.com/OWNER/cdktf-brainwave.git',
    );
  }
  if (changed.trim() !== '') {
    throw new StepFailedError(`the checkout has changes; commit them first:\n${changed.trimEnd()}`);
  }
  const heading = changelog.split('\n').find((line) => line.startsWith(`## ${version} `));
  const date = heading?.slice(`## ${version} - `.length);
  if (date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    throw new StepFailedError(
      `CHANGELOG.md has ${heading === undefined ? `no section for ${version}` : `"${heading}"`}, ` +
        `expected "## ${version} - YYYY-MM-DD"; write the date of the release`,
    );
  }
}
