import path from 'node:path';

/** The folder of this library's `package.json`. Bundles contain this file, so they must be in a folder of `dist/lib`, as it is. */
export const PACKAGE_FOLDER = path.resolve(__dirname, '../../..');
