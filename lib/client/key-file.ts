import { text } from 'node:stream/consumers';

import { readSecretFile, SecretFileOpenError } from '../files/secret-file';
import { InvalidInputError } from '../errors/prediction-errors';
import { isServiceKey } from '../validation/service-key';

/**
 * Reads a key for {@link PredictionClientOptions.key} from a file that contains either only the key or JSON with `primaryKey` or
 * `secondaryKey`, such as the `keys.json` of a local service. The primary key takes precedence. Only the owner of the file may
 * have permissions on it.
 * @param file path of the file, or `-` for standard input
 * @throws InvalidInputError if the file cannot be read, is accessible to others or contains no key; the message never quotes it
 */
export async function readServiceKey(file: string): Promise<string> {
  const content = (await readContent(file)).trim();
  const key = content.startsWith('{') ? keyInJson(content, file) : content;
  if (!isServiceKey(key)) {
    throw new InvalidInputError(`the key file ${file} contains no key`, {
      remedy: 'write only the key on one line, or JSON: {"primaryKey": "…", "secondaryKey": "…"}',
    });
  }
  return key;
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
    // JSON.parse quotes the text in its error, so that error must not become the cause.
    throw new InvalidInputError(`the key file ${file} starts like JSON but is not valid JSON`, {
      remedy: 'check its braces and quotes',
    });
  }
  const key = keys.primaryKey ?? keys.secondaryKey;
  return typeof key === 'string' ? key : '';
}
