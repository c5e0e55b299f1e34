import fc from 'fast-check';

import { parseLabels } from '../../lib/service-definition/service-definition-content';

describe('a labels file', () => {
  it.each([
    ['tench\ngoldfish\n', ['tench', 'goldfish']],
    ['tench\ngoldfish', ['tench', 'goldfish']],
    ['tench\r\ngoldfish\r\n', ['tench', 'goldfish']],
    ['tench\ngoldfish\n\n \n', ['tench', 'goldfish']],
    ['\uFEFFtench\n', ['tench']],
    ['', []],
    ['\n\n', []],
  ])('%j has one class per line, and none for blank lines at the end', (text, labels) => {
    expect(parseLabels(text)).toEqual(labels);
  });

  it('keeps the numbers of the classes after a blank line in between', () => {
    expect(parseLabels('tench\n\ngoldfish\n')).toEqual(['tench', '', 'goldfish']);
  });

  it('reads back what was written, with either line ending', () => {
    const label = fc.string({ minLength: 1 }).filter((text) => text === text.trim() && !/[\r\n]/.test(text));
    fc.assert(
      fc.property(fc.array(label), fc.constantFrom('\n', '\r\n'), (labels, lineBreak) => {
        expect(parseLabels(labels.map((text) => text + lineBreak).join(''))).toEqual(labels);
      }),
    );
  });
});
