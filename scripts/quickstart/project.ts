import path from 'node:path';

/** The repository. */
export const root = path.resolve(__dirname, '../..');

/** An example that is deployed on this machine. */
export interface Example {
  /** Of its folder in `examples/`, and of its stack. */
  readonly name: string;
  readonly folder: string;
  /** Where CDKTF writes the stack, and Terraform runs. */
  readonly stackFolder: string;
  /** Terraform's state. */
  readonly state: string;
  /** The npm script that deploys it; the one that destroys it is this and `:destroy`. */
  readonly script: string;
}

/** An image-scoring service over gRPC. */
export const quickstart = exampleOf('quickstart', 'quickstart');
/** An entry script behind an online endpoint. */
export const gpu = exampleOf('gpu', 'quickstart:gpu');

/** The command of the package, as it was built. */
export const command = path.join(root, 'dist/lib/cli/main.js');
/** Ignored by git, and the place for what can be fetched again. */
export const cacheFolder = path.join(root, '.cdktf-brainwave/terraform');

function exampleOf(name: string, script: string): Example {
  const folder = path.join(root, 'examples', name);
  return {
    ...{ name, folder, script },
    stackFolder: path.join(folder, 'cdktf.out/stacks', name),
    state: path.join(folder, `terraform.${name}.tfstate`),
  };
}

/** A path as it is shown to people: relative to the repository. */
export function shown(file: string): string {
  return path.relative(root, file);
}
