import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

/** A package in the lock file. */
export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  /** Whether the package has an install script. */
  readonly hasInstallScript?: boolean;
}

/** Packages in the lock file by their folder (`node_modules/…`). The project itself has the folder `''`. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** Returns the name of the package in a folder, without parent packages. */
export function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** A manifest and a lock file of only the packages that the library's users install. */
export interface ProductionLock {
  readonly manifest: object;
  readonly lock: { readonly packages: LockedPackages };
}

/**
 * Returns the project without its development and peer dependencies. (`npm sbom --omit dev` of npm 10 and 11 also omits
 * packages that development dependencies need, too.)
 */
export function productionLock(): ProductionLock {
  const read = (name: string) => JSON.parse(readFileSync(path.join(root, name), 'utf8')) as object;
  const lock = read('package-lock.json') as ProductionLock['lock'];
  const { '': project, ...others } = lock.packages;
  const installed = Object.entries(others).filter(
    ([, { dev, devOptional, peer }]) => !(dev ?? devOptional ?? peer),
  );
  return {
    manifest: installedOnly(read('package.json')),
    lock: { ...lock, packages: { '': installedOnly(project), ...Object.fromEntries(installed) } },
  };
}

function installedOnly<T extends object>(manifest: T): T {
  const left = new Set(['devDependencies', 'peerDependencies', 'peerDependenciesMeta', 'scripts']);
  return Object.fromEntries(Object.entries(manifest).filter(([name]) => !left.has(name))) as T;
}
