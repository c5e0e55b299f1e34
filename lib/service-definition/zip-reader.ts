import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import * as zlib from 'node:zlib';

import type { Entry, ZipFile } from 'yauzl';

import {
  parseLabels,
  type ServiceDefinitionContent,
  ServiceDefinitionError,
} from './service-definition-content';
import type { ServiceDefinitionJson } from './service-definition-json';
import { DEFINITION_ENTRY, LABELS_ENTRY } from './zip-writer';

/** Limits on the content of a zip. The zip is untrusted, and a few kilobytes can expand to gigabytes. */
export interface ZipLimits {
  /** @default 1 GiB */
  readonly maxEntryBytes?: number | undefined;
  /** @default 2 GiB */
  readonly maxTotalBytes?: number | undefined;
  /** @default 1,000 */
  readonly maxEntries?: number | undefined;
}

const GIB = 1024 ** 3;
const DEFAULT_TOTAL_BYTES = 2 * GIB;
const MAX_DEFINITION_BYTES = 1024 ** 2;
const MAX_LABELS_BYTES = 16 * 1024 ** 2;
/** Deflate expands two bits to at most 258 bytes. @see https://www.rfc-editor.org/rfc/rfc1951 */
const MAX_DEFLATE_RATIO = 1032;
const DEFLATE = 8;

// Requires Node.js 20.15 or 22.2.
const { crc32 } = zlib as Partial<typeof zlib>;

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
  const bytes =
    typeof source === 'string'
      ? await readZipFile(source, limits)
      : Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  const entries = await readEntries(bytes, limits);
  const definition = parseDefinition(entries.get(DEFINITION_ENTRY));
  const files = new Map(
    [...entries].filter(([entry]) => entry !== DEFINITION_ENTRY && entry !== LABELS_ENTRY),
  );
  for (const { stage, file } of filesOf(definition)) {
    if (!files.has(file)) {
      const present = [...files.keys()].sort().join(', ') || 'none';
      throw new ServiceDefinitionError(
        `stage "${stage}" names the file ${file}, which the zip does not hold; it holds ${present}`,
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

async function readZipFile(
  file: string,
  { maxTotalBytes = DEFAULT_TOTAL_BYTES }: ZipLimits,
): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > maxTotalBytes) {
      throw new ServiceDefinitionError(
        `the service definition ${file} is ${size} bytes; at most ${maxTotalBytes} are accepted`,
      );
    }
    return await readFile(file);
  } catch (error) {
    if (error instanceof ServiceDefinitionError) {
      throw error;
    }
    const { code } = error as NodeJS.ErrnoException;
    throw new ServiceDefinitionError(
      code === 'ENOENT'
        ? `there is no service definition at ${file}`
        : `cannot read the service definition ${file} (${String(code)})`,
      { cause: error },
    );
  }
}

async function readEntries(bytes: Buffer, limits: ZipLimits): Promise<Map<string, Uint8Array>> {
  const { maxEntryBytes = GIB, maxTotalBytes = DEFAULT_TOTAL_BYTES, maxEntries = 1000 } = limits;
  const entries = new Map<string, Uint8Array>();
  let zip: ZipFile;
  try {
    const { fromBufferPromise } = require('yauzl') as typeof import('yauzl');
    // yauzl rejects absolute names, `..`, backslashes, and entries that are larger than declared.
    zip = await fromBufferPromise(bytes, { lazyEntries: true, strictFileNames: true });
  } catch (error) {
    throw new ServiceDefinitionError(
      `the service definition is not a zip (${(error as Error).message}); ` +
        'expected one that ServiceDefinition wrote, with service_def.json in it',
      { cause: error },
    );
  }
  if (zip.entryCount > maxEntries) {
    throw new ServiceDefinitionError(
      `the zip has ${zip.entryCount} entries; at most ${maxEntries} are accepted`,
    );
  }
  let total = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName;
      if (name.endsWith('/')) {
        continue;
      }
      if (entries.has(name)) {
        throw new ServiceDefinitionError(`the zip has two entries named ${name}`);
      }
      total += entry.uncompressedSize;
      if (entry.uncompressedSize > maxEntryBytes || total > maxTotalBytes) {
        throw new ServiceDefinitionError(
          `the zip's entry ${name} is ${entry.uncompressedSize} bytes; ` +
            `at most ${maxEntryBytes} bytes an entry and ${maxTotalBytes} in all are accepted`,
        );
      }
      if (
        entry.compressionMethod === DEFLATE &&
        entry.uncompressedSize > (entry.compressedSize + 1) * MAX_DEFLATE_RATIO
      ) {
        throw new ServiceDefinitionError(
          `the zip's entry ${name} claims ${entry.uncompressedSize} bytes in ${entry.compressedSize} compressed ones, ` +
            'which no file can have; write the zip again',
        );
      }
      if (entry.isEncrypted()) {
        throw new ServiceDefinitionError(
          `the zip's entry ${name} is encrypted; write the zip without a password`,
        );
      }
      entries.set(name, await readEntry(zip, entry));
    }
  } catch (error) {
    if (error instanceof ServiceDefinitionError) {
      throw error;
    }
    throw new ServiceDefinitionError(
      `the zip is not accepted: ${(error as Error).message}; ` +
        'expected one that ServiceDefinition wrote: relative names with "/", and entries of the sizes that they claim',
      { cause: error },
    );
  }
  return entries;
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const stream: Readable = await zip.openReadStreamPromise(entry);
  // Allocate once: concatenating chunks at the end would need twice the memory of a large model.
  const content = new Uint8Array(entry.uncompressedSize);
  let offset = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    content.set(chunk, offset);
    offset += chunk.length;
  }
  if (crc32 && crc32(content) !== entry.crc32) {
    throw new ServiceDefinitionError(
      `the zip's entry ${entry.fileName} is damaged: its checksum is not the one it was written with; copy the zip again`,
    );
  }
  return content;
}

function parseDefinition(content: Uint8Array | undefined): ServiceDefinitionJson {
  if (!content) {
    throw new ServiceDefinitionError(`the zip holds no ${DEFINITION_ENTRY}; is it a service definition?`);
  }
  requireSize(DEFINITION_ENTRY, content, MAX_DEFINITION_BYTES);
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(content).toString('utf8'));
  } catch (error) {
    throw new ServiceDefinitionError(`${DEFINITION_ENTRY} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const { parseServiceDefinition } =
    require('./parse-service-definition') as typeof import('./parse-service-definition');
  return parseServiceDefinition(json);
}

function requireSize(entry: string, content: Uint8Array | undefined, limit: number): void {
  if (content && content.length > limit) {
    throw new ServiceDefinitionError(`${entry} is ${content.length} bytes; at most ${limit} are accepted`);
  }
}

function filesOf(definition: ServiceDefinitionJson): { stage: string; file: string }[] {
  return definition.pipeline.flatMap((stage) => {
    switch (stage.type) {
      case 'image':
        return [];
      case 'brainwave':
        return stage.software ? [{ stage: stage.name, file: stage.software.model_path }] : [];
      default:
        return [{ stage: stage.name, file: stage.model_path }];
    }
  });
}
