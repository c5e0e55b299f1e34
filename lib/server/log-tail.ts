import { readFile } from 'node:fs/promises';

const LINES = 20;

/** The last lines of a server's log, for a message that says why it did not start. */
export async function readLogTail(logFile: string): Promise<string> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  return log.trimEnd().split('\n').slice(-LINES).join('\n') || '(the log is empty)';
}
