import path from 'node:path';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { readFolder, type FolderContent } from '../../lib/files/folder-content';
import { unreadablePath } from '../../lib/validation/input-path';
import { findUnknownKey, type KnownKeys } from '../../lib/validation/known-keys';

/** Scoring code is invalid. */
export class ScoringCodeError extends BrainwaveError {
  readonly code = 'SCORING_CODE_INVALID';
}

/** Properties of scoring code. */
export interface ScoringCodeProps {
  /** Folder with the entry script and the modules that it imports, relative to the working directory. */
  readonly folder: string;
  /**
   * Path of the script in the folder. It must define `init()`, which loads the model from `AZUREML_MODEL_DIR`, and
   * `run(data)`, which receives the body of a request and returns the response.
   * @default 'score.py'
   */
  readonly entryScript?: string | undefined;
}

const SCORING_CODE_PROPS: KnownKeys<ScoringCodeProps> = { folder: true, entryScript: true };

/** Limits of an Azure ML snapshot. @see https://learn.microsoft.com/azure/machine-learning/how-to-save-write-experiment-files */
const MAX_FILES = 2000;
const MAX_BYTES = 300 * 1024 * 1024;

/**
 * Entry script of an online deployment, with its folder. It runs unchanged on Azure and on the local machine.
 */
export class ScoringCode {
  /** Folder as passed to the constructor. */
  readonly folder: string;
  /** Path of the script in the folder, with forward slashes. */
  readonly entryScript: string;
  /** SHA-256 of all files in the folder. */
  readonly sha256: string;
  /** @internal */
  readonly _content: FolderContent;

  /** @throws ScoringCodeError if the script does not exist or does not define `init` and `run` */
  constructor(props: ScoringCodeProps) {
    const unknown = findUnknownKey(props, SCORING_CODE_PROPS);
    if (unknown) {
      throw new ScoringCodeError(`${unknown.finding}; ${unknown.remedy}`);
    }
    const { folder, entryScript = 'score.py' } = props;
    const problem = unreadablePath('folder', folder, 'folder');
    if (problem !== undefined) {
      throw new ScoringCodeError(problem);
    }
    this.folder = folder;
    this.entryScript = path.posix.normalize(entryScript.split(path.sep).join('/'));
    this._content = readFolder(folder);
    this.sha256 = this._content.sha256;
    this.checkSize();
    this.checkScript();
  }

  private checkSize(): void {
    const { files } = this._content;
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    if (files.length > MAX_FILES || bytes > MAX_BYTES) {
      throw new ScoringCodeError(
        `the folder ${this.folder} has ${files.length} files of ${bytes} bytes in total; expected at most ${MAX_FILES} files ` +
          `and ${MAX_BYTES} bytes: move the entry script to a separate folder, and register the model with ModelFolder`,
      );
    }
  }

  private checkScript(): void {
    const { entryScript, folder } = this;
    const script = this._content.files.find(({ name }) => name === entryScript);
    if (!script) {
      const scripts = this._content.files.map(({ name }) => name).filter((name) => name.endsWith('.py'));
      throw new ScoringCodeError(
        `the folder ${folder} has no ${entryScript}; ` +
          (scripts.length > 0
            ? `set entryScript to one of ${scripts.slice(0, 5).join(', ')}`
            : 'expected a Python script'),
      );
    }
    const text = Buffer.from(script.bytes).toString('utf8');
    const missing = ['init', 'run'].filter((name) => !definesAtTop(text, name));
    if (missing.length > 0) {
      throw new ScoringCodeError(
        `the entry script ${folder}/${entryScript} has no ${missing.join(' and no ')}; ` +
          'expected both def init(): and def run(data): at the top level, which the inference server calls',
      );
    }
  }
}

/** Returns whether a Python module defines a name: as a function, an assignment or an import. */
function definesAtTop(script: string, name: string): boolean {
  const text = script.replace(/\r\n?/g, '\n');
  const definition = new RegExp(
    `^(?:async[ \\t]+)?def[ \\t]+${name}[ \\t]*\\(|^${name}[ \\t]*(?::[^=\\n]+)?=`,
    'm',
  );
  const imported = [...text.matchAll(/^from[ \t]+\S+[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)/gm)];
  return (
    definition.test(text) ||
    imported.some(([, names = '']) => names.includes('*') || new RegExp(`\\b${name}\\b`).test(names))
  );
}
