import { rm } from 'node:fs/promises';

import { FolderLayout } from '../contract/folder-layout';
import { keyFileSchema, type KeyPair } from '../contract/key-file';
import { PRIVATE_FOLDER, writePrivateFile } from '../files/secret-file';
import { makeFolder } from '../files/whole-file';
import { requireFolderName } from './workload-folder';

/**
 * Secrets of a step, in a private folder (mode 0700) that exists only while the step runs. Terraform hides the output of a
 * provisioner whose environment contains a secret, so a step that shows its progress must read them from files.
 */
export class StepSecrets {
  readonly keyFile: string;
  readonly kubeconfigFile: string;
  private readonly folder: string;

  /** @throws LocalError SERVICE_NAME_INVALID if the name cannot be a folder */
  constructor(stateFolder: string, name: string) {
    requireFolderName('step', name);
    const layout = new FolderLayout(stateFolder);
    this.folder = layout.step(name);
    this.keyFile = layout.stepKeyFile(name);
    this.kubeconfigFile = layout.stepKubeconfigFile(name);
  }

  async writeKeys(keys: KeyPair): Promise<void> {
    await this.write(this.keyFile, `${JSON.stringify(keyFileSchema.parse(keys))}\n`);
  }

  /** @param kubeconfig JSON */
  async writeKubeconfig(kubeconfig: string): Promise<void> {
    await this.write(this.kubeconfigFile, `${kubeconfig}\n`);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async write(file: string, content: string): Promise<void> {
    await makeFolder(this.folder, PRIVATE_FOLDER);
    await writePrivateFile(file, content);
  }
}
