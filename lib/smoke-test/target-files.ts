import path from 'node:path';

import type { SmokeTestTarget } from './smoke-test-options';

const FILES_OF_TARGET = [
  'keyFile',
  'rootCertificateFile',
  'certificateFile',
  'clientCertificateFile',
  'clientKeyFile',
] as const;

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
