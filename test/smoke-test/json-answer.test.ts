import { JsonAnswer } from '../../lib/smoke-test/json-answer';

describe('an expectation on a JSON answer', () => {
  it.each([
    ['[7]', { equalTo: [7] }],
    ['{"predictions": [7]}', { jsonPath: '$.predictions[0]', equalTo: 7 }],
    ['[[0.1, 0.9, 0]]', { argmax: 1 }],
    ['{"b": 1, "a": {"c": null}}', { equalTo: { a: { c: null }, b: 1 } }],
    ['"anything"', {}],
  ])('holds for %s', (answer, expectation) => {
    expect(new JsonAnswer(answer).check(expectation)).not.toBe('');
  });

  it.each([
    ['[7]', { equalTo: [8] }, 'got [7] at $; expected [8]'],
    ['[0.1, 0.9]', { argmax: 0 }, 'the greatest number at $ has index 1 ([0.1,0.9]); expected 0'],
    [
      '{"a": 1}',
      { argmax: 0 },
      'got {"a":1} at $; expected an array of numbers, or an array with one such row',
    ],
    ['[1, "2"]', { argmax: 0 }, 'expected an array of numbers'],
    ['{"a": 1}', { jsonPath: '$.b' }, '$.b selects nothing in the answer {"a":1}; expected one value'],
    ['[1, 2]', { jsonPath: '$[*]' }, '$[*] selects 2 values'],
    ['<html>', {}, 'the answer is not JSON: <html>'],
  ])('rejects %s with what was got and what was expected', (answer, expectation, message) => {
    expect(() => new JsonAnswer(answer).check(expectation)).toThrow(message);
  });
});
