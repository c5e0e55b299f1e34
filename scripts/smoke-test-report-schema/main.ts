import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { format, resolveConfig } from 'prettier';

import { reportJsonSchema } from './report-schema';

/** Writes the JSON Schema that the package publishes. */
async function main(): Promise<void> {
  const file = path.resolve(__dirname, '../../schemas/smoke-test-report.schema.json');
  const options = await resolveConfig(file);
  const text = await format(JSON.stringify(reportJsonSchema()), { ...options, parser: 'json' });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

void main();
