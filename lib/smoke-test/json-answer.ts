import { isDeepStrictEqual } from 'node:util';

import type { JSONPathQuery, JSONValue } from 'json-p3';

import { driftOfAnswer, type Recorded } from './baseline';
import type { Answer } from './protocol/scoring-protocol';
import { answerError } from './smoke-test-error';
import type { SmokeTestExpectation } from './smoke-test-options';
import type { SmokeTestSampleReport } from './smoke-test-report';

const REPORTED_ANSWER = 4096;
const SHOWN = 200;

/** JSON response of an online endpoint. */
export class JsonAnswer implements Answer {
  constructor(private readonly text: string) {}

  get reported(): Pick<SmokeTestSampleReport, 'answer'> {
    return { answer: this.text.slice(0, REPORTED_ANSWER) };
  }

  check({ jsonPath = '$', equalTo, argmax }: SmokeTestExpectation): string {
    const value = select(this.parse(), jsonPath);
    if (equalTo !== undefined && !isDeepStrictEqual(value, equalTo)) {
      throw answerError(`got ${show(value)} at ${jsonPath}; expected ${show(equalTo)}`);
    }
    if (argmax === undefined) {
      return `got ${show(value)} at ${jsonPath}`;
    }
    const numbers = numbersOf(value);
    if (!numbers) {
      throw answerError(
        `got ${show(value)} at ${jsonPath}; expected an array of numbers, or an array with one such row`,
      );
    }
    const found = numbers.indexOf(Math.max(...numbers));
    if (found !== argmax) {
      throw answerError(
        `the greatest number at ${jsonPath} has index ${found} (${show(value)}); expected ${argmax}`,
      );
    }
    return `the greatest number at ${jsonPath} has index ${found}`;
  }

  exact(): Recorded {
    return this.record();
  }

  record(): Recorded {
    return { answer: this.parse() };
  }

  driftFrom(recorded: Recorded): number {
    return driftOfAnswer(this.parse(), recorded);
  }

  /** @throws SmokeTestError EXPECTATION_FAILED if the answer is not JSON */
  private parse(): JSONValue {
    try {
      return JSON.parse(this.text) as JSONValue;
    } catch {
      throw answerError(`the answer is not JSON: ${cut(this.text)}`);
    }
  }
}

/** @throws an error of json-p3 if the path is invalid */
export function compileJsonPath(path: string): JSONPathQuery {
  // Only tests of online endpoints need it.
  const { compile } = require('json-p3') as typeof import('json-p3');
  return compile(path);
}

function select(answer: JSONValue, jsonPath: string): unknown {
  const values = compileJsonPath(jsonPath).query(answer).values();
  if (values.length !== 1) {
    throw answerError(
      `${jsonPath} selects ${values.length === 0 ? 'nothing' : `${values.length} values`} in the answer ` +
        `${show(answer)}; expected one value`,
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
