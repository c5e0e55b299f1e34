import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { SmokeTestReport } from './smoke-test-report';

/** Writes a report, in place of the one before it. */
export async function writeJsonReport(file: string, report: SmokeTestReport): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(report, undefined, 2)}\n`);
  await rename(temporary, file);
}
