import type { Zippable } from 'fflate';

import type { ServiceDefinitionContent } from './service-definition-content';

/**
 * The runtime version written to `service_def.json`. The 2018 SDK wrote its own version there; ours names the
 * version of the format that this library reads.
 */
export const AML_RUNTIME_VERSION = '1.0';

export const DEFINITION_ENTRY = 'service_def.json';
export const LABELS_ENTRY = 'labels.txt';

/** First date of the zip format, in the local time that fflate writes. Keeps the output independent of the clock. */
const EPOCH = new Date(1980, 0, 1);

/**
 * Writes a service definition as a zip. The output is deterministic: entries and JSON keys are sorted, dates are fixed,
 * and files are stored without compression, because weights hardly shrink and compressors differ.
 */
export function writeServiceDefinition({ definition, files, labels }: ServiceDefinitionContent): Uint8Array {
  const entries = new Map<string, Uint8Array>(files);
  entries.set(DEFINITION_ENTRY, Buffer.from(`${JSON.stringify(sortKeys(definition), undefined, 2)}\n`));
  if (labels) {
    entries.set(LABELS_ENTRY, Buffer.from(`${labels.join('\n')}\n`));
  }
  const sorted: Zippable = {};
  for (const entry of [...entries.keys()].sort()) {
    sorted[entry] = entries.get(entry) ?? new Uint8Array();
  }
  const { zipSync } = require('fflate') as typeof import('fflate');
  return zipSync(sorted, { level: 0, mtime: EPOCH });
}

/** Sorts keys at every depth and drops `undefined` and `null`. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sortKeys);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined && item !== null)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}
