import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

/** Returns the number that a pattern finds in a file. */
function figure(file: string, pattern: RegExp): number {
  const found = pattern.exec(readFileSync(path.join(root, file), 'utf8'))?.[1];
  if (found === undefined) {
    throw new Error(`${file} has no ${String(pattern)}`);
  }
  return Number(found.replaceAll(/[_,]/g, ''));
}

it.each([
  [
    'the failed attempts that are answered immediately',
    ['docs/reliability.md', /: ([\d,]+) are answered immediately/],
    ['lib/serving/failed-attempts.ts', /burst = ([\d_]+)/],
  ],
  [
    'the failed attempts per second after them',
    ['docs/reliability.md', /are answered immediately, then (one|\d+) per second/],
    ['lib/serving/failed-attempts.ts', /perSecond = ([\d_]+)/],
  ],
  [
    'the lowest version of Node.js',
    ['README.md', /Node ([\d.]+) or later/],
    ['package.json', /"node": ">=([\d.]+)"/],
  ],
] as const)('the docs state %s as the code has it', (_what, [page, stated], [source, actual]) => {
  const text = readFileSync(path.join(root, page), 'utf8');
  const value = stated.exec(text)?.[1];
  expect(value === 'one' ? 1 : figure(page, stated)).toBe(figure(source, actual));
});
