import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import fc from 'fast-check';

import { writeTar } from '../../lib/container/tar-writer';

describe('writeTar', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tar-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const name = fc.stringMatching(/^[a-z]{1,40}$/);
  const files = fc
    .dictionary(
      fc.tuple(name, name, name).map((parts) => parts.join('/')),
      fc.uint8Array({ maxLength: 2000 }),
    )
    .map((entries) => new Map(Object.entries(entries)));

  it('writes what tar reads back', () => {
    fc.assert(
      fc.property(files, (entries) => {
        const target = mkdtempSync(path.join(folder, 'case-'));
        writeFileSync(path.join(target, 'a.tar'), writeTar(entries));
        execFileSync('tar', ['-xf', 'a.tar'], { cwd: target });
        for (const [file, content] of entries) {
          expect(new Uint8Array(readFileSync(path.join(target, file)))).toEqual(content);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('returns the same bytes for the same files in any order', () => {
    const entries: [string, Uint8Array][] = [
      ['b', new Uint8Array([1])],
      ['a/c', new Uint8Array(600)],
    ];
    expect(writeTar(new Map(entries))).toEqual(writeTar(new Map(entries.reverse())));
  });

  it('accepts paths up to the format’s limit, and rejects longer ones by name', () => {
    const long = `${'d'.repeat(150)}/${'f'.repeat(100)}`;
    writeFileSync(path.join(folder, 'a.tar'), writeTar(new Map([[long, new Uint8Array([7])]])));
    expect(execFileSync('tar', ['-tf', 'a.tar'], { cwd: folder, encoding: 'utf8' }).trim()).toBe(long);
    expect(() => writeTar(new Map([['f'.repeat(101), new Uint8Array()]]))).toThrow(
      'is too long for a tar archive',
    );
  });
});
