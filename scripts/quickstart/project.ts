import path from 'node:path';

/** Root of the repository. */
export const root = path.resolve(__dirname, '../..');

/** An example that is deployed on this machine. */
export interface Example {
  /** Name of its folder in `examples/` and of its stack. */
  readonly name: string;
  readonly folder: string;
  /** Folder of the synthesized stack, in which Terraform runs. */
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

/** Path of the package's compiled command. */
export const command = path.join(root, 'dist/lib/cli/main.js');
/** Cache for downloads, which Git ignores. */
export const cacheFolder = path.join(root, '.cdktf-brainwave/terraform');

function exampleOf(name: string, script: string): Example {
  const folder = path.join(root, 'examples', name);
  return {
    ...{ name, folder, script },
    stackFolder: path.join(folder, 'cdktf.out/stacks', name),
    state: path.join(folder, `terraform.${name}.tfstate`),
  };
}

/** Formats a path for messages: relative to the repository. */
export function shown(file: string): string {
  return path.relative(root, file);
}
