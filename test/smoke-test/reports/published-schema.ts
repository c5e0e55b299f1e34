import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020';

export const schemaFile = path.resolve(__dirname, '../../../schemas/smoke-test-report.schema.json');

/** The JSON Schema that the package publishes. */
export const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>;

const validate = new Ajv2020({ strict: true, allErrors: true, formats: { 'date-time': true } }).compile(
  schema,
);

/** Where a report, read from its JSON, does not keep to the schema. */
export function problemsOf(report: unknown): string[] {
  validate(report);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${String(message)}`);
}
