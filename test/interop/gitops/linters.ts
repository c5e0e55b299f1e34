import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { preparePython } from '../python-environment';
import { SetupError } from '../setup-error';

const run = promisify(execFile);

const BIN = path.resolve(__dirname, '../../../node_modules/.cache/cdktf-brainwave-interop/go-bin');
const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';

/** The paths of the programs that check pipelines. */
export interface Linters {
  readonly actionlint: string;
  readonly shellcheck: string;
}

/**
 * Installs them into the ignored cache.
 * @throws SetupError
 */
export async function installLinters(): Promise<Linters> {
  const { python } = await preparePython(() => undefined);
  await mkdir(BIN, { recursive: true });
  await run('go', ['install', ACTIONLINT], { env: { ...process.env, GOBIN: BIN } }).catch(
    (error: unknown) => {
      throw new SetupError(
        `cannot install ${ACTIONLINT}; that needs a recent Go, and a way to its module proxy (GOPROXY)`,
        { cause: error },
      );
    },
  );
  return {
    actionlint: path.join(BIN, 'actionlint'),
    shellcheck: path.join(path.dirname(python), 'shellcheck'),
  };
}
