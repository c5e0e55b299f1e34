import { stripVTControlCharacters } from 'node:util';

import fc from 'fast-check';

import { formatTopClasses } from '../../lib/report/top-classes';

const plain = { width: 60, color: false };
const CLASSES = [
  { classIndex: 282, label: 'tiger cat', probability: 0.5 },
  { classIndex: 285, label: 'Egyptian cat', probability: 0.25 },
  { classIndex: 3, probability: 0 },
];

describe('the drawing of the top classes', () => {
  it('is a bar a class on one scale, with aligned percentages', () => {
    expect(formatTopClasses('chelsea.png', CLASSES, plain)).toBe(
      [
        'chelsea.png',
        `  tiger cat     ${'█'.repeat(17)}▌${' '.repeat(17)}  50.0 %`,
        `  Egyptian cat  ${'█'.repeat(8)}▊${' '.repeat(26)}  25.0 %`,
        `  class 3       ${' '.repeat(35)}   0.0 %`,
        '',
      ].join('\n'),
    );
  });

  it('shows the same in color', () => {
    const colored = formatTopClasses('chelsea.png', CLASSES, { ...plain, color: true });
    expect(colored).not.toBe(formatTopClasses('chelsea.png', CLASSES, plain));
    expect(stripVTControlCharacters(colored)).toBe(formatTopClasses('chelsea.png', CLASSES, plain));
  });

  it('fits the available columns for any labels and probabilities', () => {
    const anyClasses = fc.array(
      fc.record({
        classIndex: fc.nat(),
        label: fc.option(fc.string(), { nil: undefined }),
        probability: fc.oneof(fc.double({ min: 0, max: 1 }), fc.constantFrom(NaN)),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(anyClasses, fc.integer({ min: 60, max: 200 }), (drawn, width) => {
        const [, ...lines] = formatTopClasses('a', drawn, { width, color: false }).trimEnd().split('\n');
        const lengths = lines.map((line) => Array.from(line).length);
        expect(lines).toHaveLength(drawn.length);
        expect(new Set(lengths).size).toBe(1);
        expect(lengths[0]).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('writes no escapes that a label or a file name holds', () => {
    const drawn = formatTopClasses('\u001b[2Jx', [{ ...CLASSES[0], label: 'a\u0007b' }], plain);
    expect(drawn).toContain('?[2Jx\n  a?b ');
  });
});
