import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import * as z from 'zod';

import { SERVICE_DEFINITION_FILE } from '../contract/folder-layout';
import { readServiceDefinition } from '../service-definition/zip-reader';
import { LocalError } from '../errors/local-error';
import { PRIVATE_FOLDER } from '../files/secret-file';
import { isMissing, makeFolder, writeWholeFile } from '../files/whole-file';

const registeredModelSchema = z.object({
  name: z.string(),
  version: z.string(),
  /** SHA-256 of the service definition's zip, in hexadecimal. */
  sha256: z.string(),
  tags: z.record(z.string(), z.string()),
});

/** A registered model version. */
export type RegisteredModelVersion = z.infer<typeof registeredModelSchema>;

/** A registered model version with its files. */
export interface RegisteredModelFiles extends RegisteredModelVersion {
  /** The service definition's zip. */
  readonly path: string;
}

const METADATA = 'model.json';

/**
 * A model registry in a folder: `<name>/<version>/service-definition.zip` with a `model.json`. A version is written once
 * and never overwritten with different content.
 */
export class ModelRegistry {
  constructor(private readonly folder: string) {}

  /**
   * Registers a version after checking the zip. Registering the same content again changes nothing.
   * @throws LocalError MODEL_VERSION_CONFLICT if the version exists with different content, MODEL_CORRUPT if the zip does
   * not have the declared hash
   * @throws ServiceDefinitionError if the zip is not a service definition
   */
  async register(model: RegisteredModelVersion, zip: string): Promise<RegisteredModelFiles> {
    checkName('model name', model.name);
    checkName('model version', model.version);
    if (await this.isRegistered(model)) {
      return this.require(model.name, model.version);
    }
    const modelFolder = path.join(this.folder, model.name);
    const temporary = path.join(modelFolder, `.${randomUUID()}`);
    await makeFolder(temporary, PRIVATE_FOLDER);
    try {
      const copy = path.join(temporary, SERVICE_DEFINITION_FILE);
      await copyZip(model, zip, copy);
      await requireContent(model, copy, 'synthesize the stack again');
      await readServiceDefinition(copy);
      await writeWholeFile(path.join(temporary, METADATA), `${JSON.stringify(model, undefined, 2)}\n`);
      await rename(temporary, path.join(modelFolder, model.version));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Another process was faster and has registered the version.
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || !(await this.isRegistered(model))) {
        throw error;
      }
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return this.require(model.name, model.version);
  }

  /** @returns `undefined` if the version does not exist */
  async find(name: string, version: string): Promise<RegisteredModelFiles | undefined> {
    checkName('model name', name);
    checkName('model version', version);
    try {
      const metadata = await readFile(path.join(this.folder, name, version, METADATA), 'utf8');
      const parsed = registeredModelSchema.parse(JSON.parse(metadata));
      return { ...parsed, path: path.join(this.folder, name, version, SERVICE_DEFINITION_FILE) };
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw new LocalError(
        'MODEL_CORRUPT',
        `the registry entry of model "${name}" version ${version} is damaged; ${this.remedy(name, version)}`,
        { cause: error },
      );
    }
  }

  /** @throws LocalError MODEL_NOT_REGISTERED, with a list of the existing versions */
  async require(name: string, version: string): Promise<RegisteredModelFiles> {
    const found = await this.find(name, version);
    if (!found) {
      const versions = await this.versions(name);
      throw new LocalError(
        'MODEL_NOT_REGISTERED',
        `model "${name}" version ${version} is not registered in ${this.folder}; ` +
          (versions.length > 0 ? `registered versions: ${versions.join(', ')}` : 'it has no versions'),
      );
    }
    return found;
  }

  /** Returns the versions of a model, sorted. */
  async versions(name: string): Promise<string[]> {
    checkName('model name', name);
    try {
      const entries = await readdir(path.join(this.folder, name));
      return entries.filter((entry) => !entry.startsWith('.')).sort();
    } catch {
      return [];
    }
  }

  /** Removes a model with all its versions. */
  async remove(name: string): Promise<void> {
    checkName('model name', name);
    await rm(path.join(this.folder, name), { recursive: true, force: true });
  }

  /**
   * @throws LocalError MODEL_VERSION_CONFLICT if the version exists with different content, MODEL_CORRUPT if its content
   * has changed since it was registered
   */
  private async isRegistered(model: RegisteredModelVersion): Promise<boolean> {
    const existing = await this.find(model.name, model.version);
    if (!existing) {
      return false;
    }
    if (existing.sha256 !== model.sha256) {
      throw new LocalError(
        'MODEL_VERSION_CONFLICT',
        `model "${model.name}" version ${model.version} is already registered with different content ` +
          `(SHA-256 ${existing.sha256.slice(0, 12)}…, now ${model.sha256.slice(0, 12)}…); ` +
          'set a new version or omit the version',
      );
    }
    await requireContent(existing, existing.path, this.remedy(model.name, model.version));
    return true;
  }

  private remedy(name: string, version: string): string {
    return `remove ${path.join(this.folder, name, version)} and apply the stack again`;
  }
}

async function copyZip({ name }: RegisteredModelVersion, from: string, to: string): Promise<void> {
  const content = await readFile(from).catch((error: unknown) => {
    throw new LocalError(
      'FILE_MISSING',
      `the service definition of model "${name}" does not exist at ${from}; synthesize the stack again`,
      { cause: error },
    );
  });
  await writeWholeFile(to, content);
}

async function requireContent(
  { name, sha256 }: RegisteredModelVersion,
  zip: string,
  remedy: string,
): Promise<void> {
  // A missing file counts as a mismatch.
  const content = await readFile(zip).catch(() => Buffer.alloc(0));
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual !== sha256) {
    throw new LocalError(
      'MODEL_CORRUPT',
      `the service definition of model "${name}" has SHA-256 ${actual}, expected ${sha256}; ${remedy}`,
    );
  }
}

/** Names become folders, which must not be outside of the registry or hidden. */
function checkName(what: string, name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(name)) {
    throw new LocalError(
      'MODEL_NAME_INVALID',
      `${what} is "${name}"; expected 1 to 255 letters, digits, ".", "_" and "-", ` +
        'starting with a letter or digit',
    );
  }
}
