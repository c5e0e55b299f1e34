import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { BrainwaveError } from '../errors/brainwave-error';
import type { ServiceDefinitionJson } from '../service-definition/service-definition-json';

/** The build context of a container image cannot be assembled. */
export class ContainerError extends BrainwaveError {
  readonly code = 'BUILD_CONTEXT_INVALID';
}

/** Fields of a `package.json`. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean | undefined;
  readonly dependencies?: Readonly<Record<string, string>> | undefined;
  readonly peerDependencies?: Readonly<Record<string, string>> | undefined;
}

const TENSORFLOW_JS = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-converter',
  '@tensorflow/tfjs-backend-wasm',
];

const ENGINES: Readonly<Record<string, readonly string[]>> = {
  image: ['sharp'],
  onnx: ['onnxruntime-node'],
  // TensorFlow.js runs graphs that cannot be translated to ONNX.
  tensorflow: ['onnxruntime-node', ...TENSORFLOW_JS],
  keras: ['onnxruntime-node', ...TENSORFLOW_JS, '@tensorflow/tfjs-layers'],
};

/**
 * Returns the npm packages that a scoring server needs for a service definition, with the versions to install: the
 * installed versions, with which the definition was tested, or else those that the library requires.
 * @param libraryFolder the folder of the library's `package.json`
 * @throws ContainerError if a dependency of the library is not installed
 */
export function runtimePackages(
  definition: ServiceDefinitionJson,
  libraryFolder: string,
): Record<string, string> {
  const library = readPackage(path.join(libraryFolder, 'package.json'));
  const packages = new Map<string, string>();
  for (const name of Object.keys(library.dependencies ?? {})) {
    const version = installedVersion(name, libraryFolder);
    if (version === undefined) {
      throw new ContainerError(
        `the package ${name}, which ${library.name} requires, is not installed; run \`npm install\``,
      );
    }
    packages.set(name, version);
  }
  for (const name of enginesOf(definition)) {
    // The stack's folder comes first, because a team pins the versions of its servers there.
    const version =
      installedVersion(name, process.cwd()) ??
      installedVersion(name, libraryFolder) ??
      library.peerDependencies?.[name] ??
      'latest';
    packages.set(name, version);
  }
  return Object.fromEntries([...packages].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function enginesOf(definition: ServiceDefinitionJson): string[] {
  return definition.pipeline.flatMap((stage) => {
    // TensorFlow 1's pixels of JPEGs.
    if (stage.type === 'image' && stage.method === 'bilinear-tf1') {
      return ['sharp', '@cwasm/jpeg-turbo'];
    }
    const type = stage.type === 'brainwave' ? stage.software?.type : stage.type;
    return type === undefined ? [] : (ENGINES[type] ?? []);
  });
}

/** Finds the version of a package as Node does, starting in a folder; its `exports` may hide its `package.json`. */
function installedVersion(name: string, from: string): string | undefined {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'node_modules', name, 'package.json');
    if (existsSync(file)) {
      return readPackage(file).version;
    }
    if (path.dirname(folder) === folder) {
      return undefined;
    }
  }
}

function readPackage(file: string): PackageJson {
  return JSON.parse(readFileSync(file, 'utf8')) as PackageJson;
}
