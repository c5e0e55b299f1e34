import { text as readText } from 'node:stream/consumers';

import { readSecretFile, SecretFileOpenError } from '../files/secret-file';
import { inputError } from './smoke-test-error';
import type { SmokeTestTarget } from './smoke-test-options';
import { targetSchema } from './target-schema';

/**
 * Finds the target among a stack's outputs, as `cdktf output --outputs-file` writes them (`{stack: {output: value}}`)
 * or `terraform output -json` (`{output: {value, type, sensitive}}`).
 * @param file `-` for standard input
 * @param name the output's, or a part of it, where there are several targets
 * @throws SmokeTestError SMOKE_TEST_INPUT, naming those that there are; also where others may read a file that holds
 * sensitive outputs
 */
export async function readTargetFromOutputs(file: string, name?: string): Promise<SmokeTestTarget> {
  let text: string;
  try {
    text =
      file === '-'
        ? await readText(process.stdin)
        : await readSecretFile('outputs file', file, holdsSensitive);
  } catch (error) {
    if (error instanceof SecretFileOpenError) {
      throw inputError(
        `${error.message}. It holds outputs that are sensitive, and \`terraform output -json\` writes their values: ` +
          'better keep no such file (terraform output -json | npx cdktf-brainwave smoke-test … --outputs -)',
        error,
      );
    }
    throw inputError(`cannot read the outputs ${file} (${String((error as NodeJS.ErrnoException).code)})`);
  }
  return findTargetInOutputs(text, file, name);
}

/** @throws SmokeTestError SMOKE_TEST_INPUT, naming those that there are */
export function findTargetInOutputs(text: string, file: string, name?: string): SmokeTestTarget {
  const targets = [...outputsIn(parse(text, file))].flatMap(([output, value]) => {
    const parsed = targetSchema.safeParse(value);
    return parsed.success ? [{ output, target: parsed.data }] : [];
  });
  const chosen = targets.filter(({ output }) => name === undefined || output.includes(name));
  const exact = chosen.filter(({ output }) => output === name);
  const [only, ...others] = exact.length === 1 ? exact : chosen;
  if (chosen.length > 0 && others.length === 0) {
    return only.target;
  }
  const names = targets.map(({ output }) => output).join(', ');
  throw inputError(
    targets.length === 0
      ? `the outputs in ${file} hold no smoke-test target; call addOutputs() of the web service or endpoint in the ` +
          'stack, deploy it, and write the outputs again'
      : chosen.length === 0
        ? `the outputs in ${file} hold no target by the name "${name ?? ''}"; there are ${names}`
        : `the outputs in ${file} hold several targets (${names}); name one with --output`,
  );
}

/** Whether the value of a sensitive output is there; what is no JSON is refused later, with its own message. */
function holdsSensitive(text: string): boolean {
  try {
    return Object.values(parse(text, '')).some(
      (output) => isRecord(output) && output.sensitive === true && !isEmpty(output.value),
    );
  } catch {
    return false;
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function* outputsIn(outputs: Readonly<Record<string, unknown>>): Generator<[string, unknown]> {
  for (const [name, value] of Object.entries(outputs)) {
    if (!isRecord(value)) {
      continue;
    }
    // terraform output -json
    yield [name, 'value' in value && 'sensitive' in value ? value.value : value];
    if (!('sensitive' in value)) {
      // cdktf output: a stack with its outputs.
      yield* Object.entries(value);
    }
  }
}

function parse(text: string, file: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw inputError(`the outputs ${file} are not JSON (${(error as Error).message})`);
  }
  if (!isRecord(content)) {
    throw inputError(`the outputs ${file} are no JSON object; expected what "terraform output -json" writes`);
  }
  return content;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
