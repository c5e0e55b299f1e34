import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { fpgaCustomData } from '../../../constructs/fpga/fpga-cloud-init';

const folder = path.resolve(__dirname, '../../../machine/fpga');

interface CloudConfig {
  readonly write_files: readonly {
    readonly path: string;
    readonly permissions: string;
    readonly owner: string;
    readonly content: string;
  }[];
  readonly runcmd: readonly (readonly string[])[];
}

const text = () => Buffer.from(fpgaCustomData(), 'base64').toString('utf8');
// YAML 1.2 contains JSON: what JSON's own parser takes, cloud-init's takes, too.
const cloudConfig = () => JSON.parse(text().slice('#cloud-config\n'.length)) as CloudConfig;

describe("a machine's custom data", () => {
  it('is cloud-init that parses, and is small enough for Azure', () => {
    expect(text()).toMatch(/^#cloud-config\n\{/);
    expect(Buffer.byteLength(text())).toBeLessThan(64 * 1024);
    expect(cloudConfig().runcmd).toEqual([['/usr/local/lib/brainwave/install']]);
  });

  it('brings every script and unit unchanged, scripts to be run and units to be read', () => {
    const files = cloudConfig().write_files;
    expect(files.map(({ path: file }) => path.basename(file))).toEqual(readdirSync(folder).sort());
    for (const { path: file, content, permissions, owner } of files) {
      const name = path.basename(file);
      const isUnit = /\.(service|socket|timer)$/.test(name);
      expect(content).toBe(readFileSync(path.join(folder, name), 'utf8'));
      expect([file, owner, permissions]).toEqual([
        `${isUnit ? '/etc/systemd/system' : '/usr/local/lib/brainwave'}/${name}`,
        'root:root',
        isUnit || name === 'common.sh' ? '0644' : '0755',
      ]);
    }
  });

  it('is the same each time', () => {
    expect(fpgaCustomData()).toBe(fpgaCustomData());
  });
});
