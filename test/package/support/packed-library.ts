/** What `npm pack` made, and where. */
export interface PackedLibrary {
  /** The tarball's absolute path. */
  readonly tarball: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes of its files. */
  readonly unpackedSize: number;
  /** The files' paths in the package. */
  readonly files: readonly string[];
}

const VARIABLE = 'PACKED_LIBRARY';

/** Hands it to the tests, which run in processes of their own. */
export function handOver(library: PackedLibrary): void {
  process.env[VARIABLE] = JSON.stringify(library);
}

/** The tarball that this run tests. */
export function packedLibrary(): PackedLibrary {
  const json = process.env[VARIABLE];
  if (json === undefined) {
    throw new Error('nothing is packed; run these tests with `npm run test:package`');
  }
  return JSON.parse(json) as PackedLibrary;
}
