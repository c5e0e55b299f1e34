import path from 'node:path';

/** Root of this repository. */
export const repository = path.resolve(__dirname, '../..');

/** Build folder, which Git ignores. */
export const buildFolder = path.join(repository, 'build/jsii');

/** Folder of the package that jsii compiles. */
export const packageFolder = path.join(buildFolder, 'package');

/** Folder in which jsii and jsii-pacmak are installed. */
export const toolchainFolder = path.join(buildFolder, 'toolchain');
