import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { nameOf, productionLock } from '../../scripts/dependencies/production-lock';
import { pageText } from '../support/snippets';
import { temporaryFolder } from '../support/temporary-folder';

const root = path.resolve(__dirname, '../..');
const { dependencies, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  version: string;
};

function run(script: string, ...args: string[]): string {
  const file = path.join(root, 'scripts/dependencies', script);
  return execFileSync(process.execPath, [require.resolve('tsx/cli'), file, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

interface Sbom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly { readonly name: string; readonly version: string }[];
}

describe('what users install with the library', () => {
  it('is in the bill of materials, with what that needs in turn, and nothing else is', () => {
    const { bomFormat, metadata, components } = JSON.parse(run('sbom.ts')) as Sbom;
    const names = components.map(({ name }) => name);

    expect(bomFormat).toBe('CycloneDX');
    expect(metadata.component).toMatchObject({ name: 'cdktf-brainwave', version });
    expect(names).toEqual(
      expect.arrayContaining([...Object.keys(dependencies), '@peculiar/asn1-schema', 'tslib']),
    );
    const notInstalled = [
      'cdktf',
      'constructs',
      '@cdktf/provider-azurerm',
      'onnxruntime-node',
      'typescript',
      'jest',
    ];
    expect(names.filter((name) => notInstalled.includes(name))).toEqual([]);
    expect(components.filter((component) => !component.version)).toEqual([]);
  });

  it('is counted on the page on reliability, and runs no program when it is installed', () => {
    const { packages } = productionLock().lock;
    const installed = Object.entries(packages).filter(([place]) => place !== '');
    const names = new Set(installed.map(([place]) => nameOf(place)));

    const page = pageText('docs/reliability.md');
    const own = Object.keys(dependencies).length;
    expect(page).toContain(`installs ${own} packages and their dependencies, ${names.size} in all,`);
    expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });

  it('is in THIRD-PARTY-NOTICES.md as `npm run notices` writes it, under a licence each', async () => {
    const { path: folder, remove } = await temporaryFolder();
    const file = path.join(folder, 'notices.md');
    run('notices.ts', file);
    const written = readFileSync(file, 'utf8');

    expect(readFileSync(path.join(root, 'THIRD-PARTY-NOTICES.md'), 'utf8')).toBe(written);
    expect(Object.keys(dependencies).filter((name) => !written.includes(`- ${name}\n`))).toEqual([]);
    expect(written).not.toContain('not declared');
    await remove();
  });
});
