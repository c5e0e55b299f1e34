import { isDeepStrictEqual } from 'node:util';

import type { JSONPathQuery, JSONValue } from 'json-p3';

import { SmokeTestError } from './smoke-test-error';

/** What an endpoint's JSON answer must be. */
export interface AnswerExpectation {
  /**
   * The part of the answer that is looked at, as a JSONPath (RFC 9535) that selects one value.
   * @default '$', the whole answer
   */
  readonly jsonPath?: string | undefined;
  /**
   * The value that it must equal.
   * @default - not checked
   */
  readonly equalTo?: unknown;
  /**
   * Where the greatest of its numbers must stand, 0 being the first: for an answer that has a number a class.
   * @default - not checked
   */
  readonly argmax?: number | undefined;
}

const SHOWN = 200;

/**
 * Holds an answer against what was expected.
 * @param answer a response's body
 * @returns what was found, in a sentence
 * @throws SmokeTestError EXPECTATION_FAILED, saying what was got and what was expected; SMOKE_TEST_INPUT for a
 * JSONPath that is none
 */
export function checkAnswer(answer: string, { jsonPath = '$', equalTo, argmax }: AnswerExpectation): string {
  const value = select(parse(answer), jsonPath);
  if (equalTo !== undefined && !isDeepStrictEqual(value, equalTo)) {
    throw failure(`got ${show(value)} at ${jsonPath}; expected ${show(equalTo)}`);
  }
  if (argmax === undefined) {
    return `got ${show(value)} at ${jsonPath}`;
  }
  const numbers = numbersOf(value);
  if (!numbers) {
    throw failure(
      `got ${show(value)} at ${jsonPath}; expected an array of numbers, or one with one such row`,
    );
  }
  const found = numbers.indexOf(Math.max(...numbers));
  if (found !== argmax) {
    throw failure(
      `the greatest number at ${jsonPath} is number ${found} (${show(value)}); expected number ${argmax}`,
    );
  }
  return `the greatest number at ${jsonPath} is number ${found}`;
}

/** @throws SmokeTestError SMOKE_TEST_INPUT where a text is no JSONPath */
export function requireJsonPath(text: string): JSONPathQuery {
  // Loaded where there is a path: images have none.
  const { compile } = require('json-p3') as typeof import('json-p3');
  try {
    return compile(text);
  } catch (error) {
    throw new SmokeTestError(
      'SMOKE_TEST_INPUT',
      `"${text}" is no JSONPath (${(error as Error).message}); expected one such as $.predictions[0]`,
      { cause: error },
    );
  }
}

function parse(answer: string): JSONValue {
  try {
    return JSON.parse(answer) as JSONValue;
  } catch {
    throw failure(`the answer is not JSON: ${cut(answer)}`);
  }
}

function select(answer: JSONValue, jsonPath: string): unknown {
  const values = requireJsonPath(jsonPath).query(answer).values();
  if (values.length !== 1) {
    throw failure(
      `${jsonPath} selects ${values.length === 0 ? 'nothing' : `${values.length} values`} of the answer ` +
        `${show(answer)}; expected one`,
    );
  }
  return values[0];
}

function numbersOf(value: unknown): number[] | undefined {
  if (!Array.isArray(value) || value.length === 0) {
    return undefined;
  }
  const [row] = value as unknown[];
  if (value.length === 1 && Array.isArray(row)) {
    return numbersOf(row);
  }
  return value.every((each): each is number => typeof each === 'number') ? value : undefined;
}

function show(value: unknown): string {
  return cut(JSON.stringify(value));
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function failure(message: string): SmokeTestError {
  return new SmokeTestError('EXPECTATION_FAILED', message);
}
