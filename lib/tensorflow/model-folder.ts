import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Files that belong together, by their names relative to a folder, with forward slashes. */
export interface ModelFolder {
  /** What messages call the folder. */
  readonly name: string;
  readonly files: readonly string[];
  /** Contents of a file, `undefined` where there is none of the name. */
  readonly read: (file: string) => Uint8Array | undefined;
}

/** A folder of a zip that was read. */
export function zipFolder(entries: ReadonlyMap<string, Uint8Array>, name: string): ModelFolder {
  const start = name === '' ? '' : `${name.replace(/\/+$/, '')}/`;
  return {
    name,
    files: [...entries.keys()]
      .filter((entry) => entry.startsWith(start))
      .map((entry) => entry.slice(start.length)),
    read: (file) => entries.get(`${start}${file}`),
  };
}

/** A folder on disk. Each file is read once, when it is needed. */
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
      if (!contents.has(file) && files.includes(file))
        contents.set(file, readFileSync(path.join(folder, file)));
      return contents.get(file);
    },
  };
}
