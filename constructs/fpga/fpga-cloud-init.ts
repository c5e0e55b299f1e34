import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { PACKAGE_FOLDER } from '../../lib/files/package-folder';

/** Scripts and systemd units of a machine. */
const folder = path.join(PACKAGE_FOLDER, 'machine/fpga');

const SCRIPT_FOLDER = '/usr/local/lib/brainwave';
const UNIT_FOLDER = '/etc/systemd/system';

/**
 * Returns the cloud-init configuration for a machine's first boot, base64-encoded. It writes the machine's scripts and
 * systemd units, which are the same for all machines, and starts them. It contains no secrets and no settings: those are
 * in the user data, which can change while the machine runs. Custom data cannot.
 * @see https://learn.microsoft.com/azure/virtual-machines/user-data
 * @see https://learn.microsoft.com/azure/virtual-machines/custom-data
 * @internal
 */
export function fpgaCustomData(): string {
  const names = readdirSync(folder).sort();
  const cloudConfig = {
    write_files: names.map((name) => {
      const isUnit = /\.(service|socket|timer)$/.test(name);
      return {
        path: `${isUnit ? UNIT_FOLDER : SCRIPT_FOLDER}/${name}`,
        owner: 'root:root',
        permissions: isUnit || name.endsWith('.sh') ? '0644' : '0755',
        content: readFileSync(path.join(folder, name), 'utf8'),
      };
    }),
    runcmd: [[`${SCRIPT_FOLDER}/install`]],
  };
  // JSON is valid YAML, with unambiguous strings.
  return Buffer.from(`#cloud-config\n${JSON.stringify(cloudConfig, null, 1)}\n`).toString('base64');
}
