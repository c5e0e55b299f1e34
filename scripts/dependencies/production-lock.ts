import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

/** A package as the lock file has it. */
export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  /** Whether npm would run a program of it when it is installed. */
  readonly hasInstallScript?: boolean;
}

/** Where a package lies, `node_modules/…`, and what the lock file says of it; the project itself is under `''`. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** The package that lies there: the innermost, without the folders above it. */
export function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** A manifest and a lock file as npm reads them, of what the library's users install and nothing else. */
export interface ProductionLock {
  readonly manifest: object;
  readonly lock: { readonly packages: LockedPackages };
}

/**
 * The project without its development and peer dependencies. (`npm sbom --omit dev` of npm 10 and 11 also leaves out what the
 * development dependencies need besides.)
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
