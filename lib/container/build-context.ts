import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { ServeConfigurationFile } from '../contract/serve-configuration';
import { PACKAGE_FOLDER } from '../files/package-folder';
import type { ServiceDefinitionJson } from '../service-definition/service-definition-json';
import { dockerfile } from './dockerfile';
import {
  CONFIGURATION_FILE,
  CONFIGURATION_FOLDER,
  HEALTH_PORT,
  MODEL_FILE,
  SERVICE_PORT,
} from '../contract/image-layout';
import { ContainerError, runtimePackages, type PackageJson } from './runtime-packages';
import { writeTar } from './tar-writer';

export interface BuildContextOptions {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly definition: ServiceDefinitionJson;
  /** The service definition's zip. */
  readonly zip: Uint8Array;
  readonly baseImage: string;
}

/**
 * Creates the build context of the scoring server's container image as a tar archive. The same versions and the same
 * definition result in the same bytes.
 * @throws ContainerError if files of the library are missing
 */
export function buildContext(options: BuildContextOptions): Uint8Array {
  return writeTar(buildContextFiles(options));
}

/**
 * Creates the build context as files, by their path: the Dockerfile, the library's server, the packages to install, the
 * service definition's zip, and a configuration that serves it.
 * @throws ContainerError if files of the library are missing
 */
export function buildContextFiles(options: BuildContextOptions): ReadonlyMap<string, Uint8Array> {
  const { definition, zip, baseImage, modelName, modelVersion } = options;
  return new Map<string, Uint8Array>([
    ...libraryFiles(),
    ['Dockerfile', Buffer.from(dockerfile(baseImage))],
    ['package.json', json(imagePackage(definition))],
    [`model/${path.posix.basename(MODEL_FILE)}`, zip],
    [path.posix.basename(CONFIGURATION_FILE), json(serveConfiguration(modelName, modelVersion))],
  ]);
}

function serveConfiguration(name: string, version: string): ServeConfigurationFile {
  return {
    model: { name, version, path: path.posix.relative(CONFIGURATION_FOLDER, MODEL_FILE) },
    host: '0.0.0.0',
    port: SERVICE_PORT,
    healthPort: HEALTH_PORT,
  };
}

/** The files that the server runs: compiled code without types, and the protos. Constructs are not included. */
function libraryFiles(): [string, Uint8Array][] {
  const folders = ['dist/lib', 'proto'];
  return folders.flatMap((folder) => {
    const root = path.join(PACKAGE_FOLDER, folder);
    if (!existsSync(root)) {
      throw new ContainerError(
        `the folder ${folder} of the library does not exist in ${PACKAGE_FOLDER}; build it with \`npm run build\``,
      );
    }
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(js|cjs|json|proto)$/.test(entry.name))
      .map((entry): [string, Uint8Array] => {
        const file = path.join(entry.parentPath, entry.name);
        return [path.relative(PACKAGE_FOLDER, file).split(path.sep).join('/'), readFileSync(file)];
      });
  });
}

function imagePackage(definition: ServiceDefinitionJson): PackageJson {
  const { name, version } = JSON.parse(
    readFileSync(path.join(PACKAGE_FOLDER, 'package.json'), 'utf8'),
  ) as PackageJson;
  return {
    name,
    version,
    private: true,
    dependencies: runtimePackages(definition, PACKAGE_FOLDER),
  };
}

function json(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}
