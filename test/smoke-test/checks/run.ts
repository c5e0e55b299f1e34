import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { runSmokeTest, type SmokeTestOptions, type SmokeTestReport } from '../../../lib/smoke-test';
import type { SmokeTestCheck } from '../../../lib/smoke-test/smoke-test-report';
import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';

/** Writes a file that the test's end removes. @returns its path */
export async function fileWith(name: string, content: string): Promise<string> {
  const folder = await temporaryFolder();
  afterwards(() => folder.remove());
  const file = path.join(folder.path, name);
  await writeFile(file, content, { mode: 0o600 });
  return file;
}

/** Tests a service with one image, without waiting for long. */
export async function testService(
  target: SmokeTestOptions['target'],
  options: Partial<SmokeTestOptions> = {},
): Promise<SmokeTestReport> {
  return runSmokeTest({
    target,
    samples: [{ path: await fileWith('image.jpg', 'image') }],
    readyTimeoutSeconds: 1,
    warmCalls: { count: 0 },
    ...options,
  });
}

/** A check of a report. */
export function checkOf({ checks }: SmokeTestReport, name: SmokeTestCheck['name']): SmokeTestCheck {
  const found = checks.find((check) => check.name === name);
  if (!found) {
    throw new Error(`the report has no check ${name}`);
  }
  return found;
}
