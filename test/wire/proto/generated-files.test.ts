import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../../..');

function files(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(folder, file), readFileSync(file, 'utf8')]),
  );
}

it('the checked-in types and descriptors are those that the proto files give', () => {
  const fresh = mkdtempSync(path.join(tmpdir(), 'proto-types-'));
  try {
    execFileSync(process.execPath, [
      require.resolve('tsx/cli'),
      path.join(root, 'scripts/proto/main.ts'),
      fresh,
    ]);

    const generated = files(fresh);
    const checkedIn = files(path.join(root, 'lib/wire/proto/types'));

    expect(generated.size).toBeGreaterThan(40);
    expect([...checkedIn.keys()]).toEqual([...generated.keys()]);
    for (const [file, content] of generated) {
      // The message tells how to mend it: npm run generate:proto
      expect({ file, content: checkedIn.get(file) }).toEqual({ file, content });
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
});
