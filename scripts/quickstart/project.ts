import path from 'node:path';

/** The repository. */
export const root = path.resolve(__dirname, '../..');
/** The example that is deployed. */
export const example = path.join(root, 'examples/quickstart');
/** Where CDKTF writes the stack, and Terraform runs. */
export const stackFolder = path.join(example, 'cdktf.out/stacks/quickstart');
/** The command of the package, as it was built. */
export const command = path.join(root, 'dist/lib/cli/main.js');
/** Ignored by git, and the place for what can be fetched again. */
export const cacheFolder = path.join(root, '.cdktf-brainwave/terraform');

/** A path as it is shown to people: relative to the repository. */
export function shown(file: string): string {
  return path.relative(root, file);
}
