import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The scripts and units of a machine, as they lie in the package. */
const folder = path.resolve(__dirname, '../../../machine/fpga');

const SCRIPT_FOLDER = '/usr/local/lib/brainwave';
const UNIT_FOLDER = '/etc/systemd/system';

/**
 * What cloud-init does at a machine's first boot, base64: it writes the machine's scripts and units, which are the same
 * for all machines, and starts them. It holds neither a secret nor a setting: what a machine is to run comes with its
 * user data, which can change while the machine runs ("User Data for Azure Virtual Machine"); custom data cannot
 * ("Custom data on Azure virtual machines").
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
  // JSON is YAML, and says unambiguously what is a text.
  return Buffer.from(`#cloud-config\n${JSON.stringify(cloudConfig, null, 1)}\n`).toString('base64');
}
