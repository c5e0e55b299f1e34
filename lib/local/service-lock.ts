import { randomUUID } from 'node:crypto';
import { link, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { LocalError } from './local-error';
import { processBeginning } from '../process/process-identity';
import { PRIVATE_FOLDER, writePrivateFile } from '../files/private-file';
import { makeFolder } from '../files/whole-file';

const holderSchema = z.object({ pid: z.number().int().positive(), beginning: z.string(), id: z.string() });

type Holder = z.infer<typeof holderSchema>;

const POLL_MS = 50;
/** Longer than a start, which may follow a stop, may take. */
const TIMEOUT_MS = 300_000;

/**
 * Runs work that nobody else may do at the same time, in this process or another. A lock whose holder has ended
 * is taken over.
 * @param file the lock; its folder is made
 * @param onWait told once, when another holds the lock
 * @throws LocalError SERVICE_BUSY when the lock is held for minutes
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait: (pid: number) => void,
): Promise<T> {
  await makeFolder(path.dirname(file), PRIVATE_FOLDER);
  const { pid } = process;
  const own: Holder = { pid, beginning: (await processBeginning(pid)) ?? '', id: randomUUID() };
  const giveUpAt = performance.now() + TIMEOUT_MS;
  let told = false;
  while (!(await take(file, own))) {
    const holder = await readHolder(file);
    if (holder && (await processBeginning(holder.pid)) !== holder.beginning) {
      await breakLock(file, holder, own);
      continue;
    }
    if (performance.now() > giveUpAt) {
      throw new LocalError(
        'SERVICE_BUSY',
        `process ${holder?.pid ?? 'unknown'} has held ${file} for minutes; end it, or remove the file where none works on the service`,
      );
    }
    if (holder && !told) {
      told = true;
      onWait(holder.pid);
    }
    await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await giveBack(file, own);
  }
}

/** Somebody who took this process for dead may hold the lock by now: what is another's stays. */
async function giveBack(file: string, own: Holder): Promise<void> {
  if ((await readHolder(file))?.id === own.id) {
    await rm(file, { force: true });
  }
}

/** A link appears with its content, so that nobody reads a lock without a holder. */
async function take(file: string, own: Holder): Promise<boolean> {
  const prepared = `${file}.${own.id}`;
  try {
    await writePrivateFile(prepared, JSON.stringify(own));
    await link(prepared, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return false;
    }
    throw error;
  } finally {
    await rm(prepared, { force: true });
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Given back since.
    return undefined;
  }
}

/**
 * Removes a lock whose holder has ended. Many may find it at once, and one that was slow must not remove the lock
 * of the next holder: who removes the lock of one holder holds a lock for just that meanwhile, and looks again.
 */
async function breakLock(file: string, abandoned: Holder, own: Holder): Promise<void> {
  const permission = `${file}.${abandoned.id}.breaking`;
  if (await take(permission, own)) {
    try {
      if ((await readHolder(file))?.id === abandoned.id) {
        await rm(file, { force: true });
      }
    } finally {
      await giveBack(permission, own);
    }
    return;
  }
  const breaker = await readHolder(permission);
  if (breaker && (await processBeginning(breaker.pid)) !== breaker.beginning) {
    await breakLock(permission, breaker, own);
  } else {
    await delay(POLL_MS);
  }
}
