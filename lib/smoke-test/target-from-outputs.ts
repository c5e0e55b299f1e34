import { readFile } from 'node:fs/promises';

import { inputError } from './smoke-test-error';
import type { SmokeTestTarget } from './smoke-test-options';
import { targetSchema } from './target-schema';

/**
 * Finds the target among a stack's outputs, as `cdktf output --outputs-file` writes them (`{stack: {output: value}}`)
 * or `terraform output -json` (`{output: {value, type, sensitive}}`).
 * @param name the output's, or a part of it, where there are several targets
 * @throws SmokeTestError SMOKE_TEST_INPUT, naming those that there are
 */
export async function readTargetFromOutputs(file: string, name?: string): Promise<SmokeTestTarget> {
  let text: string;
  try {
    text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch (error) {
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
