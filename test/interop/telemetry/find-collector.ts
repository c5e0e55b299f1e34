import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

import { findExecutable } from '../../kubernetes/cluster/find-programs';
import { runTool } from '../../package/support/run-tool';
import { SetupError } from '../setup-error';

const sources = path.join(__dirname, 'collector');

/** Returns the path of an OpenTelemetry collector: one on the PATH, or one that an earlier run has built. */
export async function findCollector(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folders = (env.PATH ?? '').split(path.delimiter);
  const installed =
    (await findExecutable('otelcol', folders)) ?? (await findExecutable('otelcol-contrib', folders));
  const built = await builtFile(env);
  return installed ?? (existsSync(built) ? built : undefined);
}

/**
 * Builds the collector, which takes minutes, and keeps it for later runs.
 * @throws SetupError
 */
export async function buildCollector(env: NodeJS.ProcessEnv): Promise<string> {
  const file = await builtFile(env);
  await mkdir(path.dirname(file), { recursive: true });
  // An interrupted build leaves nothing that looks complete.
  const unfinished = `${file}.${process.pid}`;
  await runTool('go', ['build', '-buildvcs=false', '-o', unfinished, '.'], { cwd: sources }).catch(
    (cause: unknown) => {
      throw new SetupError(
        'cannot build the OpenTelemetry collector; it needs Go 1.26 and its module proxy (GOPROXY)',
        { cause },
      );
    },
  );
  await rename(unfinished, file);
  return file;
}

/** Its name changes with what it is built from. */
async function builtFile(env: NodeJS.ProcessEnv): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go']) {
    hash.update(await readFile(path.join(sources, file)));
  }
  const cache = env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  return path.join(cache, `cdktf-brainwave/test-interop/otelcol-${hash.digest('hex').slice(0, 12)}`);
}
