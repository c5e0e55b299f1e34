import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

import {
  parseLabels,
  type ServiceDefinitionContent,
  ServiceDefinitionError,
} from './service-definition-content';
import type { ServiceDefinitionJson } from './service-definition-json';
import { DEFAULT_TOTAL_BYTES, listZip, readEntry, readEntrySync, type ZipLimits } from './zip-archive';
import { AML_RUNTIME_VERSION, DEFINITION_ENTRY, LABELS_ENTRY } from './zip-writer';

/** What the Azure ML SDK of 2019 calls it. */
const MANIFEST_ENTRY = 'manifest.json';
const MAX_DEFINITION_BYTES = 1024 ** 2;
const MAX_LABELS_BYTES = 16 * 1024 ** 2;

/**
 * Reads and validates a service definition's zip before a model is loaded: the names, sizes and number of the entries,
 * `service_def.json` against its schema, and the presence of every file that a stage references.
 *
 * @param source path or bytes of the zip
 * @throws ServiceDefinitionError if the zip is invalid
 */
export async function readServiceDefinition(
  source: string | Uint8Array,
  limits: ZipLimits = {},
): Promise<ServiceDefinitionContent> {
  const entries = new Map<string, Uint8Array>();
  for (const entry of listZip(await bytesOf(source, limits), limits)) {
    entries.set(entry.name, await readEntry(entry));
  }
  return toContent(entries);
}

/**
 * Reads a service definition's zip at once, for stacks, which are synthesized without waiting.
 * @throws ServiceDefinitionError saying what is wrong with the zip
 */
export function readServiceDefinitionSync(file: string, limits: ZipLimits = {}): ServiceDefinitionContent {
  const entries = listZip(bytesOfSync(file, limits), limits);
  return toContent(new Map(entries.map((entry) => [entry.name, readEntrySync(entry)])));
}

async function bytesOf(source: string | Uint8Array, limits: ZipLimits): Promise<Buffer> {
  if (typeof source !== 'string') {
    return Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  }
  try {
    checkSize(source, (await stat(source)).size, limits);
    return await readFile(source);
  } catch (error) {
    throw unreadable(source, error);
  }
}

function bytesOfSync(file: string, limits: ZipLimits): Buffer {
  try {
    checkSize(file, statSync(file).size, limits);
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function checkSize(file: string, size: number, { maxTotalBytes = DEFAULT_TOTAL_BYTES }: ZipLimits): void {
  if (size > maxTotalBytes) {
    throw new ServiceDefinitionError(
      `the service definition ${file} has ${size} bytes; expected at most ${maxTotalBytes}`,
    );
  }
}

function unreadable(file: string, error: unknown): unknown {
  if (error instanceof ServiceDefinitionError) {
    return error;
  }
  const { code } = error as NodeJS.ErrnoException;
  return new ServiceDefinitionError(
    code === 'ENOENT'
      ? `service definition ${file} does not exist`
      : `cannot read the service definition ${file} (${String(code)})`,
    { cause: error },
  );
}

function toContent(entries: ReadonlyMap<string, Uint8Array>): ServiceDefinitionContent {
  const entry = entries.has(DEFINITION_ENTRY) ? DEFINITION_ENTRY : MANIFEST_ENTRY;
  const json = parseJson(entry, entries.get(entry));
  if (entry === MANIFEST_ENTRY || isOfSdk(json)) {
    const { convertSdkDefinition } =
      require('./azure-ml-sdk/convert-definition') as typeof import('./azure-ml-sdk/convert-definition');
    return convertSdkDefinition(json, entry, entries);
  }
  const { parseServiceDefinition } =
    require('./parse-service-definition') as typeof import('./parse-service-definition');
  const definition = parseServiceDefinition(json);
  const files = new Map(
    [...entries].filter(([entry]) => entry !== DEFINITION_ENTRY && entry !== LABELS_ENTRY),
  );
  for (const { stage, file } of filesOf(definition)) {
    if (!files.has(file)) {
      const present = [...files.keys()].sort().join(', ') || 'none';
      throw new ServiceDefinitionError(
        `stage "${stage}" references the file ${file}, which is not in the zip; the zip contains ${present}`,
      );
    }
  }
  const labels = entries.get(LABELS_ENTRY);
  requireSize(LABELS_ENTRY, labels, MAX_LABELS_BYTES);
  return {
    definition,
    files,
    labels: labels && parseLabels(Buffer.from(labels).toString('utf8')),
  };
}

function parseJson(entry: string, content: Uint8Array | undefined): unknown {
  if (!content) {
    throw new ServiceDefinitionError(
      `the zip contains no ${DEFINITION_ENTRY}; check that it is a service definition`,
    );
  }
  requireSize(entry, content, MAX_DEFINITION_BYTES);
  try {
    return JSON.parse(Buffer.from(content).toString('utf8'));
  } catch (error) {
    throw new ServiceDefinitionError(`${entry} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** The SDK of 2018 wrote its own version number and no stage names. */
function isOfSdk(json: unknown): boolean {
  const version = (json as { aml_runtime_version?: unknown } | null)?.aml_runtime_version;
  return typeof version === 'string' && version !== AML_RUNTIME_VERSION;
}

function requireSize(entry: string, content: Uint8Array | undefined, limit: number): void {
  if (content && content.length > limit) {
    throw new ServiceDefinitionError(`${entry} has ${content.length} bytes; expected at most ${limit}`);
  }
}

function filesOf(definition: ServiceDefinitionJson): { stage: string; file: string }[] {
  return definition.pipeline.flatMap((stage) => {
    switch (stage.type) {
      case 'image':
      case 'softmax':
        return [];
      case 'brainwave':
        return stage.software ? [{ stage: stage.name, file: stage.software.model_path }] : [];
      default:
        return [{ stage: stage.name, file: stage.model_path }];
    }
  });
}
