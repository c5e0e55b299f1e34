import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';

import * as z from 'zod';

import { PACKAGE_FOLDER } from '../files/package-folder';

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  engines: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
});

/** Fields of a package manifest. */
export type PackageManifest = z.infer<typeof manifestSchema>;

/** Installed package. */
export interface InstalledPackage extends PackageManifest {
  /** Real path of the package folder. Each folder is a separate copy of the code. */
  readonly folder: string;
}

/** @returns the peer dependency ranges of this package */
export async function readOwnManifest(): Promise<PackageManifest> {
  return readManifest(path.join(PACKAGE_FOLDER, 'package.json'));
}

/**
 * Resolves a package by name from the `node_modules` of a folder or its parents. The manifest of an npm alias has another name.
 * @returns `undefined` if the package is not installed or its manifest is invalid
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
