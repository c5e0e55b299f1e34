import { existsSync } from 'node:fs';
import { mkdir, readdir, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const MOUNT = '/sys/fs/cgroup';
const BUSY_MS = 10_000;

/** Creates a control group, in each hierarchy. */
export async function createCgroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    await mkdir(path.join(hierarchy, name), { recursive: true });
  }
}

/** Removes a control group with those in it, which outlive their processes. */
export async function removeCgroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    await removeTree(path.join(hierarchy, name));
  }
}

/** One with cgroup v2, one for each controller with v1. */
async function hierarchies(): Promise<string[]> {
  if (existsSync(path.join(MOUNT, 'cgroup.controllers'))) {
    return [MOUNT];
  }
  const entries = await readdir(MOUNT, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(MOUNT, name));
}

/** A control group is removed as a folder without subfolders; its files disappear with it. */
async function removeTree(group: string): Promise<void> {
  if (existsSync(group)) {
    for (const entry of await readdir(group, { withFileTypes: true })) {
      if (entry.isDirectory()) {
        await removeTree(path.join(group, entry.name));
      }
    }
    await removeEmpty(group);
  }
}

/** The processes of a namespace that has ended may exist for another moment. */
async function removeEmpty(group: string): Promise<void> {
  const giveUpAt = performance.now() + BUSY_MS;
  for (;;) {
    try {
      await rmdir(group);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || performance.now() > giveUpAt) {
        throw error;
      }
      await delay(50);
    }
  }
}
