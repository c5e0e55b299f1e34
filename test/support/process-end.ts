import { until } from './until';

/** Whether a process is there, or has ended and its parent has not yet taken note. */
export function isThere(pid: number | null): boolean {
  try {
    return process.kill(pid ?? NaN, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') {
      return false;
    }
    throw error;
  }
}

/** Expects a process that was a child of this one to have ended: Node takes note of that in its own time. */
export async function expectEnded(pid: number | null): Promise<void> {
  await until(() => !isThere(pid));
}
