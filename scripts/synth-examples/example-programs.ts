import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const EXAMPLES = path.resolve(__dirname, '../../examples');

/** A program of an example, with its settings. */
export interface ExampleProgram {
  /** `gpu/azure.ts`, or `gitops/main.ts PLATFORM=local`. */
  readonly name: string;
  /** Folder of the example in `examples/`. */
  readonly example: string;
  /** File of the program in that folder. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Returns the programs of all TypeScript examples: each file in an example's folder that synthesizes an app, once per
 * platform in the example's folder `platforms`, if it exists.
 */
export function examplePrograms(): ExampleProgram[] {
  return readdirSync(EXAMPLES)
    .sort()
    .flatMap((example) => programFiles(example).flatMap((file) => programs(example, file)));
}

function programFiles(example: string): string[] {
  return readdirSync(path.join(EXAMPLES, example))
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => /^app\.synth\(\);$/m.test(readFileSync(path.join(EXAMPLES, example, file), 'utf8')))
    .sort();
}

function programs(example: string, file: string): ExampleProgram[] {
  const name = `${example}/${file}`;
  const folder = path.join(EXAMPLES, example, 'platforms');
  if (!existsSync(folder)) {
    return [{ name, example, file, environment: {} }];
  }
  return readdirSync(folder)
    .map((platform) => path.basename(platform, '.ts'))
    .filter((platform) => platform !== 'platform')
    .sort()
    .map((platform) => ({
      name: `${name} PLATFORM=${platform}`,
      example,
      file,
      environment: { PLATFORM: platform },
    }));
}
