import { StepFailedError } from '../quickstart/step-failed-error';

/**
 * Checks that what is published can be found again: the checkout has no changes, and the changelog has the version with its
 * date.
 * @param changed output of `git status --porcelain`
 * @throws StepFailedError with what to do first
 */
export function requireReleasable(version: string, changed: string, changelog: string): void {
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
