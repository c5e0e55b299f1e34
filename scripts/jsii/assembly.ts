import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { compileConstructs } from './compile';
import { repository } from './folders';

/** Description of an API by jsii: the fields that the published one has in common with `package.json`, and where it differs. */
export interface Assembly {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly targets: Readonly<Record<string, unknown>>;
  readonly readme?: { readonly markdown: string };
  readonly fingerprint: string;
  readonly [field: string]: unknown;
}

/** Fields of types and members that say where the sources declare them. */
const SOURCE_FIELDS = ['locationInModule', 'symbolId'];

/** Path of the assembly in the npm package. */
export const assemblyFile = path.join(repository, '.jsii');

/**
 * Compiles the constructs with jsii and writes the assembly of the npm package, which Construct Hub indexes.
 * @param say receives a message about each step
 */
export async function writeAssembly(say: (line: string) => void): Promise<void> {
  const compiled = JSON.parse(readFileSync(await compileConstructs(say), 'utf8')) as Assembly;
  const readme = readFileSync(path.join(repository, 'README.md'), 'utf8');
  writeFileSync(assemblyFile, JSON.stringify(publishedAssembly(compiled, readme)));
}

/**
 * Returns the assembly as it is published: with the README of the npm package, without packages for other languages, none of
 * which is published, and without lines in the sources, which the package does not contain.
 */
export function publishedAssembly(compiled: Assembly, readme: string): Assembly {
  const described = {
    ...compiled,
    targets: { js: compiled.targets.js },
    readme: { markdown: readme },
    fingerprint: undefined,
  };
  const assembly = JSON.parse(
    JSON.stringify(described, (key, value: unknown) => (SOURCE_FIELDS.includes(key) ? undefined : value)),
  ) as Omit<Assembly, 'fingerprint'>;
  // As jsii computes it: over everything else, to show whether the API has changed.
  const fingerprint = createHash('sha256').update(JSON.stringify(assembly)).digest('base64');
  return { ...assembly, fingerprint } as Assembly;
}
