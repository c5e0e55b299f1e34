import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Files in a folder, by their paths relative to it, with forward slashes. */
export interface ModelFolder {
  /** Name of the folder in messages. */
  readonly name: string;
  readonly files: readonly string[];
  /** Returns the content of a file; `undefined` if it does not exist. */
  readonly read: (file: string) => Uint8Array | undefined;
}

/**
 * Returns a folder in a zip.
 * @param content returns the content of an entry
 */
export function zipFolder<Entry>(
  entries: ReadonlyMap<string, Entry>,
  name: string,
  content: (entry: Entry) => Uint8Array,
): ModelFolder {
  const zip: ModelFolder = {
    name,
    files: [...entries.keys()],
    read(file) {
      const entry = entries.get(file);
      return entry && content(entry);
    },
  };
  return name === '' ? zip : subfolder(zip, name.replace(/\/+$/, ''));
}

/** Returns a subfolder, which messages call by the name of the whole folder. */
export function subfolder({ name, files, read }: ModelFolder, relative: string): ModelFolder {
  const start = `${relative}/`;
  return {
    name,
    files: files.filter((file) => file.startsWith(start)).map((file) => file.slice(start.length)),
    read: (file) => read(`${start}${file}`),
  };
}

/** Returns a folder on disk. Each file is read once, when it is needed. */
export function diskFolder(folder: string): ModelFolder {
  const contents = new Map<string, Uint8Array>();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
  return {
    name: folder,
    files,
    read(file) {
      if (!contents.has(file) && files.includes(file)) {
        contents.set(file, readFileSync(path.join(folder, file)));
      }
      return contents.get(file);
    },
  };
}
