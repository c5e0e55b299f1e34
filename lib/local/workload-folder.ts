import { statSync } from 'node:fs';
import { chmod, readdir } from 'node:fs/promises';

import { FolderLayout, SERVER_FILES, type WorkloadKind } from '../contract/folder-layout';
import { messageOf } from '../errors/brainwave-error';
import { LocalError } from '../errors/local-error';
import { PRIVATE_FOLDER, requireClosedFile } from '../files/secret-file';
import { isMissing, makeFolder } from '../files/whole-file';

/** Files of a local workload, in a private folder (mode 0700). */
export class WorkloadFolder {
  readonly path: string;
  /** Lock of the process that starts, changes or stops the workload. Outside of the folder, which can be removed. */
  readonly lockFile: string;
  private readonly layout: FolderLayout;

  constructor(
    readonly kind: WorkloadKind,
    readonly name: string,
    readonly stateFolder: string,
  ) {
    requireFolderName(kind, name);
    this.layout = new FolderLayout(stateFolder);
    this.path = this.layout.workload(kind, name);
    this.lockFile = `${this.layout.workloads(kind)}/.${name}.lock`;
  }

  /** Returns the names of the workloads of a kind that have a folder, sorted. */
  static async names(kind: WorkloadKind, stateFolder: string): Promise<string[]> {
    const parent = new FolderLayout(stateFolder).workloads(kind);
    const entries = await readdir(parent, { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) {
        return [];
      }
      throw unreadable(parent, error);
    });
    return entries
      .filter((entry) => entry.isDirectory() && isFolderName(entry.name))
      .map(({ name }) => name)
      .sort();
  }

  /**
   * Whether the workload was ever started: a reserved one has only a folder. A file that cannot be read counts, so that
   * reading it tells why.
   */
  get wasUp(): boolean {
    try {
      statSync(this.specificationFile);
      return true;
    } catch (error) {
      return !isMissing(error);
    }
  }

  /** Name of the workload in messages: `service "scoring"`. */
  get title(): string {
    return `${this.kind} "${this.name}"`;
  }

  /**
   * Creates the folder, accessible only to its owner.
   * @throws FileWriteError if the folder cannot be created
   */
  async create(): Promise<void> {
    await makeFolder(this.path, PRIVATE_FOLDER);
    // It may exist with other permissions.
    await chmod(this.path, PRIVATE_FOLDER);
  }

  /**
   * Checks that only the owner can read the secrets. A change replaces the files with private ones, so a later check
   * would not notice that a secret was exposed.
   * @throws SecretFileOpenError if others have permissions on a file
   */
  async requireClosedSecrets(): Promise<void> {
    await requireClosedFile('private key', this.privateKeyFile);
    await requireClosedFile('private key', this.providedPrivateKeyFile);
    await requireClosedFile('key file', this.keyFile);
  }

  /** The specification and the files made from it. */
  get configuredFiles(): string[] {
    return [
      ...[this.specificationFile, this.configurationFile, this.keyFile, this.rotationFile, this.labelsFile],
      ...[this.certificateFile, this.privateKeyFile, this.rootCertificateFile],
      ...[this.providedCertificateFile, this.providedPrivateKeyFile],
    ];
  }

  /** Configuration of the server. */
  get configurationFile(): string {
    return this.file(SERVER_FILES.configuration);
  }

  /** Specification from the stack, from which `local up` starts the workload again. */
  get specificationFile(): string {
    return this.file('specification.json');
  }

  /** State reported by the server. */
  get stateFile(): string {
    return this.file('state.json');
  }

  /** `{"primaryKey","secondaryKey"}`. */
  get keyFile(): string {
    return this.file(SERVER_FILES.keys);
  }

  /** Rotation of each generated key. */
  get rotationFile(): string {
    return this.file('key-rotations.json');
  }

  get certificateFile(): string {
    return this.file(SERVER_FILES.certificate);
  }

  get privateKeyFile(): string {
    return this.file(SERVER_FILES.privateKey);
  }

  /** Root certificates that clients trust in addition to the public ones. */
  get rootCertificateFile(): string {
    return this.file(SERVER_FILES.rootCertificate);
  }

  /** Certificate that the stack provides as a value. */
  get providedCertificateFile(): string {
    return this.layout.providedCertificateFile(this.kind, this.name);
  }

  /** Private key of that certificate. */
  get providedPrivateKeyFile(): string {
    return this.layout.providedPrivateKeyFile(this.kind, this.name);
  }

  get labelsFile(): string {
    return this.file('labels.txt');
  }

  get logFile(): string {
    return this.file('server.log');
  }

  private file(name: string): string {
    return `${this.path}/${name}`;
  }
}

/** Returns the error for a file or folder of a workload that exists but cannot be read. */
export function unreadable(file: string, cause: unknown): LocalError {
  return new LocalError('SERVICE_UNREADABLE', `cannot read ${file} (${messageOf(cause)})`, {
    remedy: 'run the command as the user who deployed it',
    cause,
  });
}

/** Returns whether a name can be a folder, which must not be outside of the state folder or hidden. */
export function isFolderName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name);
}

/**
 * @param what kind of the named object for the message, such as `service`
 * @throws LocalError SERVICE_NAME_INVALID if the name cannot be a folder
 */
export function requireFolderName(what: string, name: string): void {
  if (!isFolderName(name)) {
    throw new LocalError(
      'SERVICE_NAME_INVALID',
      `the ${what} name is "${name}"; expected 1 to 128 letters, digits, ".", "_" and "-", ` +
        'starting with a letter or digit',
    );
  }
}
