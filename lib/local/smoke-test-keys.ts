import { rm } from 'node:fs/promises';

import { FolderLayout } from '../contract/folder-layout';
import { LocalError } from './local-error';
import { ServiceFolder } from './service-folder';
import { keyFileSchema } from '../keys/key-pair-file';
import { PRIVATE_FOLDER, writePrivateFile } from '../files/private-file';
import { makeFolder } from '../files/whole-file';

/**
 * The keys that one smoke test reads, in a folder of its own with mode 0700: there for as long as it runs. A
 * provisioner whose environment holds a key shows no output, so that the test must find them in a file.
 */
export class SmokeTestKeys {
  readonly file: string;
  private readonly folder: string;

  /** @throws LocalError SERVICE_NAME_INVALID where the name would be no plain folder */
  constructor(stateFolder: string, name: string) {
    if (!ServiceFolder.isName(name)) {
      throw new LocalError(
        'SERVICE_NAME_INVALID',
        `smoke test name "${name}" is not accepted; expected 1 to 128 letters, digits, ".", "_" and "-", ` +
          'beginning with a letter or a digit',
      );
    }
    const layout = new FolderLayout(stateFolder);
    this.folder = layout.smokeTest(name);
    this.file = layout.smokeTestKeyFile(name);
  }

  async write(keys: { primaryKey: string; secondaryKey: string }): Promise<void> {
    await makeFolder(this.folder, PRIVATE_FOLDER);
    await writePrivateFile(this.file, `${JSON.stringify(keyFileSchema.parse(keys))}\n`);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
