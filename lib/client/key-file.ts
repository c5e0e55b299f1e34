import { text } from 'node:stream/consumers';

import { readSecretFile, SecretFileOpenError } from '../files/secret-file';
import { InvalidInputError } from '../errors/prediction-errors';

/**
 * Reads a key from a file that holds it alone, or JSON with `primaryKey` or `secondaryKey`, such as the `keys.json` of a
 * local service: for {@link PredictionClientOptions.key}. Of two keys it is the primary one. Nobody but the file's owner may
 * have any permission on it.
 * @param file a path, or `-` for standard input
 * @throws InvalidInputError where the file cannot be read, is open to others or holds no key; it never shows what is in it
 */
export async function readServiceKey(file: string): Promise<string> {
  const content = (await readContent(file)).trim();
  const key = content.startsWith('{') ? keyInJson(content, file) : content;
  if (!isServiceKey(key)) {
    throw new InvalidInputError(`the key file ${file} does not hold a key`, {
      remedy: 'write the key alone on one line, or JSON: {"primaryKey": "…", "secondaryKey": "…"}',
    });
  }
  return key;
}

/** Whether a text can be sent as a key: printable ASCII without spaces, which any header can carry. */
export function isServiceKey(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

async function readContent(file: string): Promise<string> {
  if (file === '-') {
    return text(process.stdin);
  }
  try {
    return await readSecretFile('key file', file);
  } catch (cause) {
    if (cause instanceof SecretFileOpenError) {
      throw new InvalidInputError(cause.message, { cause });
    }
    throw new InvalidInputError(
      `the key file ${file} cannot be read (${String((cause as NodeJS.ErrnoException).code)})`,
      { remedy: 'check its path', cause },
    );
  }
}

function keyInJson(content: string, file: string): string {
  let keys: { primaryKey?: unknown; secondaryKey?: unknown };
  try {
    keys = JSON.parse(content) as typeof keys;
  } catch {
    // JSON.parse quotes what it could not read: the error must not be passed on.
    throw new InvalidInputError(`the key file ${file} begins like JSON but is none`, {
      remedy: 'check its braces and quotes',
    });
  }
  const key = keys.primaryKey ?? keys.secondaryKey;
  return typeof key === 'string' ? key : '';
}
