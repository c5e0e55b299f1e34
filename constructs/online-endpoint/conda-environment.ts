import { BrainwaveError } from '../../lib/errors/brainwave-error';

/** An online deployment cannot use a conda file. */
export class CondaFileError extends BrainwaveError {
  readonly code = 'CONDA_FILE_INVALID';
}

/** Content of a conda file. */
export interface CondaPackages {
  readonly pythonVersion: string;
  readonly channels: readonly string[];
  readonly condaPackages: readonly string[];
  readonly pipPackages: readonly string[];
}

/**
 * Packages that contain the inference server, which calls the entry script.
 * @internal
 */
export const SERVER_PACKAGES = ['azureml-inference-server-http', 'azureml-defaults'];

/**
 * Requires that a conda file is valid and contains the inference server.
 * @param name name of the file, for messages
 * @throws CondaFileError if the file is invalid or lacks the inference server
 * @internal
 */
export function checkCondaFile(name: string, text: string): void {
  const { parseDocument } = require('yaml') as typeof import('yaml');
  const document = parseDocument(text);
  const error = document.errors.at(0);
  if (error) {
    const line = error.linePos?.[0].line;
    throw new CondaFileError(
      `${name} is not valid YAML${line === undefined ? '' : ` (line ${line})`}: ${error.message.split('\n')[0]?.replace(/:$/, '') ?? ''}`,
    );
  }
  const content: unknown = document.toJS();
  const dependencies = isObject(content) ? content.dependencies : undefined;
  if (!Array.isArray(dependencies)) {
    throw new CondaFileError(
      `${name} has no list "dependencies"; expected a conda file with name, channels, and dependencies with a list "pip"`,
    );
  }
  const strange = dependencies.find((item) => typeof item !== 'string' && !isPipList(item)) as unknown;
  if (strange !== undefined) {
    throw new CondaFileError(
      `${name} has the dependency ${JSON.stringify(strange)}; expected names such as python=3.11, or a list "pip"`,
    );
  }
  const packages = dependencies.flatMap((item: unknown) =>
    isPipList(item) ? item.pip : typeof item === 'string' ? [item] : [],
  );
  if (!listsInferenceServer(packages)) {
    throw new CondaFileError(
      `${name} lacks the inference server, which calls the entry script; ` +
        `add ${SERVER_PACKAGES.join(' or ')} to its pip packages`,
    );
  }
}

/**
 * Returns the text of a conda file. Adds the package of the inference server if it is missing.
 * @internal
 */
export function condaFile({ pythonVersion, channels, condaPackages, pipPackages }: CondaPackages): string {
  const pip = listsInferenceServer(pipPackages) ? pipPackages : [...pipPackages, SERVER_PACKAGES[0] ?? ''];
  const list = (items: readonly string[], indent: string) =>
    items.map((item) => `${indent}- ${JSON.stringify(item)}\n`).join('');
  return (
    `channels:\n${list(channels, '  ')}` +
    `dependencies:\n${list([`python=${pythonVersion}`, ...condaPackages, 'pip'], '  ')}` +
    `  - pip:\n${list(pip, '      ')}`
  );
}

/**
 * Returns whether one of the packages contains the inference server.
 * @internal
 */
export function listsInferenceServer(packages: readonly string[]): boolean {
  return packages.some((item) => SERVER_PACKAGES.includes(packageName(item)));
}

/** Normalizes a package name: `conda-forge::Azureml_Defaults[x]>=1.0` is `azureml-defaults`. */
function packageName(requirement: string): string {
  const name = /^(?:[\w./-]+::)?\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(requirement.trim())?.[1] ?? '';
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function isPipList(item: unknown): item is { pip: string[] } {
  return (
    isObject(item) &&
    Object.keys(item).length === 1 &&
    Array.isArray(item.pip) &&
    item.pip.every((each) => typeof each === 'string')
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
