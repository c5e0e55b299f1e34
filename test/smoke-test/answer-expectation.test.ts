import { checkAnswer } from '../../lib/smoke-test';

describe('an expectation on a JSON answer', () => {
  it.each([
    ['[7]', { equalTo: [7] }],
    ['{"predictions": [7]}', { jsonPath: '$.predictions[0]', equalTo: 7 }],
    ['[[0.1, 0.9, 0]]', { argmax: 1 }],
    ['{"b": 1, "a": {"c": null}}', { equalTo: { a: { c: null }, b: 1 } }],
    ['"anything"', {}],
  ])('holds for %s', (answer, expectation) => {
    expect(checkAnswer(answer, expectation)).not.toBe('');
  });

  it.each([
    ['[7]', { equalTo: [8] }, 'got [7] at $; expected [8]'],
    ['[0.1, 0.9]', { argmax: 0 }, 'the greatest number at $ is number 1 ([0.1,0.9]); expected number 0'],
    ['{"a": 1}', { argmax: 0 }, 'got {"a":1} at $; expected an array of numbers, or one with one such row'],
    ['[1, "2"]', { argmax: 0 }, 'expected an array of numbers'],
    ['{"a": 1}', { jsonPath: '$.b' }, '$.b selects nothing of the answer {"a":1}; expected one'],
    ['[1, 2]', { jsonPath: '$[*]' }, '$[*] selects 2 values'],
    ['<html>', {}, 'the answer is not JSON: <html>'],
    ['[1]', { jsonPath: '$[' }, '"$[" is no JSONPath'],
  ])('refuses %s with what was got and what was expected', (answer, expectation, message) => {
    expect(() => checkAnswer(answer, expectation)).toThrow(message);
  });
});
