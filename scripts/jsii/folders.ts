import path from 'node:path';

/** This repository. */
export const repository = path.resolve(__dirname, '../..');

/** The build's own folder, which Git ignores. */
export const buildFolder = path.join(repository, 'build/jsii');

/** The package that jsii compiles. */
export const packageFolder = path.join(buildFolder, 'package');

/** Where jsii and jsii-pacmak are installed. */
export const toolchainFolder = path.join(buildFolder, 'toolchain');
