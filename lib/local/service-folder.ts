import { chmod, readdir } from 'node:fs/promises';
import path from 'node:path';

import { FolderLayout, SERVER_FILES, type WorkloadKind } from '../contract/folder-layout';
import { PRIVATE_FOLDER } from '../files/private-file';
import { requireClosedFile } from '../files/secret-file';
import { makeFolder } from '../files/whole-file';
import { LocalError } from './local-error';

/** The private files of one local service, in a folder of its own with mode 0700. */
export class ServiceFolder {
  readonly path: string;

  constructor(
    readonly stateFolder: string,
    readonly name: string,
    readonly kind: WorkloadKind = 'service',
  ) {
    if (!ServiceFolder.isName(name)) {
      throw new LocalError(
        'SERVICE_NAME_INVALID',
        `service name "${name}" is not accepted; expected 1 to 128 letters, digits, ".", "_" and "-", ` +
          'beginning with a letter or a digit',
      );
    }
    this.path = new FolderLayout(stateFolder).workload(kind, name);
  }

  /** Names become folders: nothing that leads out of the state folder, or hides in it, is one. */
  static isName(name: string): boolean {
    return /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name);
  }

  /** The folder of all services of a kind. */
  static parent(stateFolder: string, kind: WorkloadKind): string {
    return new FolderLayout(stateFolder).workloads(kind);
  }

  /** Those of a kind that have a folder, in order. */
  static async names(stateFolder: string, kind: WorkloadKind): Promise<string[]> {
    const parent = ServiceFolder.parent(stateFolder, kind);
    const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isDirectory() && ServiceFolder.isName(entry.name))
      .map(({ name }) => name)
      .sort();
  }

  /**
   * Makes it, for its owner alone.
   * @throws FileWriteError
   */
  async create(): Promise<void> {
    await makeFolder(this.path, PRIVATE_FOLDER);
    // It may have been there with other permissions.
    await chmod(this.path, PRIVATE_FOLDER);
  }

  /**
   * Makes sure that nobody else can read the secrets in it. Files are replaced with closed ones as they change: who
   * looked only afterwards would never hear that a secret lay open.
   * @throws SecretFileOpenError
   */
  async requireClosedSecrets(): Promise<void> {
    await requireClosedFile('private key', this.privateKeyFile);
    await requireClosedFile('key file', this.keyFile);
  }

  /** Held by whoever starts, changes or stops the service; beside the folder, which goes when the service goes. */
  get lockFile(): string {
    return path.join(ServiceFolder.parent(this.stateFolder, this.kind), `.${this.name}.lock`);
  }

  /** The specification, and what follows from it. */
  get configuredFiles(): string[] {
    return [
      ...[this.specificationFile, this.configurationFile, this.keyFile, this.rotationFile, this.labelsFile],
      ...[this.certificateFile, this.privateKeyFile, this.rootCertificateFile],
    ];
  }

  /** What the server is to do; `cdktf-brainwave serve` reads it. */
  get configurationFile(): string {
    return path.join(this.path, SERVER_FILES.configuration);
  }

  /** What the stack asked for, so that `local up` can start the service again. */
  get specificationFile(): string {
    return path.join(this.path, 'specification.json');
  }

  /** What the server says of itself. */
  get stateFile(): string {
    return path.join(this.path, 'state.json');
  }

  /** `{"primaryKey","secondaryKey"}`. */
  get keyFile(): string {
    return path.join(this.path, SERVER_FILES.keys);
  }

  /** Which rotation each generated key belongs to. */
  get rotationFile(): string {
    return path.join(this.path, 'key-rotations.json');
  }

  get certificateFile(): string {
    return path.join(this.path, SERVER_FILES.certificate);
  }

  get privateKeyFile(): string {
    return path.join(this.path, SERVER_FILES.privateKey);
  }

  /** The roots that clients need beside the public ones. */
  get rootCertificateFile(): string {
    return path.join(this.path, SERVER_FILES.rootCertificate);
  }

  get labelsFile(): string {
    return path.join(this.path, 'labels.txt');
  }

  get logFile(): string {
    return path.join(this.path, 'server.log');
  }
}
