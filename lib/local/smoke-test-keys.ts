import { rm } from 'node:fs/promises';

import { FolderLayout } from '../contract/folder-layout';
import { keyFileSchema, type KeyPair } from '../contract/key-file';
import { PRIVATE_FOLDER, writePrivateFile } from '../files/secret-file';
import { makeFolder } from '../files/whole-file';
import { requireFolderName } from './workload-folder';

/**
 * Keys of a smoke test, in a private folder (mode 0700) that exists only while the test runs. Terraform hides the
 * output of a provisioner whose environment contains a key, so the test must read them from a file.
 */
export class SmokeTestKeys {
  readonly file: string;
  private readonly folder: string;

  /** @throws LocalError SERVICE_NAME_INVALID if the name cannot be a folder */
  constructor(stateFolder: string, name: string) {
    requireFolderName('smoke test', name);
    const layout = new FolderLayout(stateFolder);
    this.folder = layout.smokeTest(name);
    this.file = layout.smokeTestKeyFile(name);
  }

  async write(keys: KeyPair): Promise<void> {
    await makeFolder(this.folder, PRIVATE_FOLDER);
    await writePrivateFile(this.file, `${JSON.stringify(keyFileSchema.parse(keys))}\n`);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
