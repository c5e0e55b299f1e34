import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  engines: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
});

/** A package as its manifest describes it. */
export type PackageManifest = z.infer<typeof manifestSchema>;

/** A package that a program finds. */
export interface InstalledPackage extends PackageManifest {
  /** Its folder, links resolved: one folder is one copy of its code. */
  readonly folder: string;
}

/** This package's own manifest. */
export const ownFolder = path.resolve(__dirname, '../../..');

/** @returns what this package asks of others */
export async function readOwnManifest(): Promise<PackageManifest> {
  return readManifest(path.join(ownFolder, 'package.json'));
}

/**
 * The package that an import of `name` leads to: in `node_modules` of the folder, or of one above it. Under an alias
 * of npm's its manifest has another name.
 * @returns `undefined` where there is none, or where its manifest is none
 */
export async function findInstalledPackage(
  name: string,
  from: string,
): Promise<InstalledPackage | undefined> {
  let folder = path.resolve(from);
  for (;;) {
    const candidate = path.join(folder, 'node_modules', name);
    try {
      return {
        ...(await readManifest(path.join(candidate, 'package.json'))),
        folder: await realpath(candidate),
      };
    } catch {
      const parent = path.dirname(folder);
      if (parent === folder) {
        return undefined;
      }
      folder = parent;
    }
  }
}

async function readManifest(file: string): Promise<PackageManifest> {
  return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}
