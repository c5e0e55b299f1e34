import { randomUUID } from 'node:crypto';
import { link, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import * as z from 'zod';

import { LocalError } from '../errors/local-error';
import { processBeginning } from './process-identity';
import { PRIVATE_FOLDER, writePrivateFile } from '../files/secret-file';
import { makeFolder } from '../files/whole-file';

const holderSchema = z.object({ pid: z.number().int().positive(), beginning: z.string(), id: z.string() });

type Holder = z.infer<typeof holderSchema>;

const POLL_MS = 50;
/** Longer than a stop followed by a start may take. */
const TIMEOUT_MS = 300_000;

/**
 * Runs work exclusively, across this process and others. A lock whose holder has ended is taken over.
 * @param file the lock file; its folder is created
 * @param onWait called once if another process holds the lock
 * @throws LocalError SERVICE_BUSY if the lock is held for minutes
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
        `process ${holder?.pid ?? 'unknown'} has held the lock ${file} for minutes; end the process, or remove the file if the process does not use the service`,
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

/** Another process may have taken the lock over by now, and keeps it. */
async function giveBack(file: string, own: Holder): Promise<void> {
  if ((await readHolder(file))?.id === own.id) {
    await rm(file, { force: true });
  }
}

/** A link appears together with its content, so that no process reads a lock without a holder. */
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
    // Released in the meantime.
    return undefined;
  }
}

/**
 * Removes a lock whose holder has ended. Several processes may find it at once, and a slow one must not remove the lock
 * of the next holder: the process that removes it holds a second lock while it does, and checks again.
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
