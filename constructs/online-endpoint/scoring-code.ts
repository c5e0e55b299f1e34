import path from 'node:path';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { readFolder, type FolderContent } from '../../lib/files/folder-content';
import { unreadablePath } from '../../lib/validation/input-path';
import { findUnknownKey, type KnownKeys } from '../../lib/validation/known-keys';

/** Code that cannot score. */
export class ScoringCodeError extends BrainwaveError {
  readonly code = 'SCORING_CODE_INVALID';
}

/** The folder of an entry script. */
export interface ScoringCodeProps {
  /** The folder with the entry script and what it imports, relative to the working directory. */
  readonly folder: string;
  /**
   * The script's path within the folder. It has `init()`, which loads the model from `AZUREML_MODEL_DIR`, and
   * `run(data)`, which gets a request's body and returns the answer.
   * @default 'score.py'
   */
  readonly entryScript?: string | undefined;
}

const SCORING_CODE_PROPS: KnownKeys<ScoringCodeProps> = { folder: true, entryScript: true };

/** Azure ML's limits of a snapshot. Source: "Where to save and write files for Azure Machine Learning experiments". */
const MAX_FILES = 2000;
const MAX_BYTES = 300 * 1024 * 1024;

/**
 * The entry script of an online deployment, with the folder that it is in. It runs unchanged on Azure and on this
 * machine.
 */
export class ScoringCode {
  /** The folder, as it was given. */
  readonly folder: string;
  /** The script's path within the folder, with forward slashes. */
  readonly entryScript: string;
  /** Of all the folder's files: another whenever one of them is. */
  readonly sha256: string;
  /** @internal */
  readonly _content: FolderContent;

  /** @throws ScoringCodeError where there is no such script, or it has no `init` or `run` */
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
        `the folder ${this.folder} has ${files.length} files of ${bytes} bytes; Azure ML takes code of at most ` +
          `${MAX_FILES} files and ${MAX_BYTES} bytes: put the entry script into a folder of its own, and register the model apart`,
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

/** Whether a Python module has a name: as a function, assigned, or imported. */
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
