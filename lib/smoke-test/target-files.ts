import path from 'node:path';

import type { SmokeTestTarget } from './smoke-test-options';

/** The properties of a target that name what TLS needs. */
export const TLS_FILES = [
  'certificateFile',
  'rootCertificateFile',
  'clientCertificateFile',
  'clientKeyFile',
] as const satisfies readonly (keyof SmokeTestTarget)[];

const FILES_OF_TARGET = ['keyFile', ...TLS_FILES] as const;

/** The target, with the paths of its files, which are relative to a folder, made absolute; `-` is standard input. */
export function withFilesIn(folder: string, target: SmokeTestTarget): SmokeTestTarget {
  return {
    ...target,
    ...Object.fromEntries(
      FILES_OF_TARGET.flatMap((name) => {
        const file = target[name];
        return file === undefined || file === '-' ? [] : [[name, path.resolve(folder, file)]];
      }),
    ),
  };
}
