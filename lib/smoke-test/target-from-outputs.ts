import { text as readText } from 'node:stream/consumers';

import { readSecretFile, SecretFileOpenError } from '../files/secret-file';
import { parseTarget } from './parse-options';
import { inputError } from './smoke-test-error';
import type { SmokeTestTarget } from './smoke-test-options';

/**
 * Finds the target among a stack's outputs, as `cdktf output --outputs-file` writes them (`{stack: {output: value}}`)
 * or `terraform output -json` (`{output: {value, type, sensitive}}`).
 * @param file `-` for standard input
 * @param name name of the output, or a part of it, if there are several targets
 * @throws SmokeTestError SMOKE_TEST_INPUT with a list of the targets in the file; also if the file contains sensitive
 * outputs and others can read it
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
        `${error.message}. It contains sensitive outputs, whose values \`terraform output -json\` writes`,
        {
          remedy: 'pipe them instead: terraform output -json | npx cdktf-brainwave smoke-test … --outputs -',
          cause: error,
        },
      );
    }
    throw inputError(`cannot read the outputs ${file} (${String((error as NodeJS.ErrnoException).code)})`);
  }
  return findTargetInOutputs(text, file, name);
}

/** @throws SmokeTestError SMOKE_TEST_INPUT with a list of the targets in the file */
export function findTargetInOutputs(text: string, file: string, name?: string): SmokeTestTarget {
  const targets = [...outputsIn(parse(text, file))].flatMap(([output, value]) => {
    try {
      return [{ output, target: parseTarget(value) }];
    } catch {
      // Most outputs are not targets.
      return [];
    }
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
      ? `the outputs in ${file} contain no smoke test target; call addOutputs() of the web service or endpoint in the ` +
          'stack, deploy it, and write the outputs again'
      : chosen.length === 0
        ? `the outputs in ${file} contain no target named "${name ?? ''}"; use one of ${names}`
        : `the outputs in ${file} contain several targets (${names}); select one with --output`,
  );
}

/** Returns whether the text contains the value of a sensitive output. Invalid JSON is rejected later. */
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
    throw inputError(
      `the outputs ${file} are not a JSON object; expected the output of "terraform output -json"`,
    );
  }
  return content;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
