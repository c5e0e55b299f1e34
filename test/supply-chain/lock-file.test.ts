import { readFileSync } from 'node:fs';
import path from 'node:path';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
}

const root = path.resolve(__dirname, '../..');

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}

const { packages, lockfileVersion } = readJson('package-lock.json') as {
  lockfileVersion: number;
  packages: Record<string, LockedPackage>;
};
const locked = Object.entries(packages).filter(([name, { link }]) => name !== '' && link !== true);
/** What a user's `npm install` brings along with the package, peers that are optional left out. */
const production = locked.filter(([, { dev, devOptional, peer }]) => !(dev ?? devOptional ?? peer));

describe('the lock file', () => {
  it('names the dependencies of package.json, those and no others', () => {
    const { dependencies, devDependencies } = readJson('package.json') as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    const own = packages[''] as { dependencies?: object; devDependencies?: object };

    expect(lockfileVersion).toBe(3);
    expect(own.dependencies).toEqual(dependencies);
    expect(own.devDependencies).toEqual(devDependencies);
  });

  it('has a SHA-512 for each package, and no registry’s address', () => {
    const unproven = locked.filter(
      ([, { integrity, inBundle }]) => inBundle !== true && !integrity?.startsWith('sha512-'),
    );

    expect(unproven.map(([name]) => name)).toEqual([]);
    expect(locked.filter(([, { resolved }]) => resolved !== undefined).map(([name]) => name)).toEqual([]);
  });

  it('has no dependency that runs code when it is installed', () => {
    const scripted = production.filter(([, { hasInstallScript }]) => hasInstallScript).map(([name]) => name);

    expect(production.length).toBeGreaterThan(10);
    expect(scripted).toEqual([]);
  });
});

it('no package runs code when it is installed for development, either', () => {
  expect(readFileSync(path.join(root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
});
