import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { temporaryFolder } from '../support/temporary-folder';

const root = path.resolve(__dirname, '../..');
const pictures = path.join(root, 'docs/pictures');

describe('the pictures', () => {
  it('are what `npm run pictures` draws of their text and figures', async () => {
    const { path: drawn, remove } = await temporaryFolder();
    const script = path.join(root, 'scripts/pictures/main.ts');
    execFileSync(process.execPath, [require.resolve('tsx/cli'), script, drawn]);

    const sources = readdirSync(pictures).filter((name) => name.endsWith('.dot'));
    expect(sources).toContain('deployed.dot');
    const drawnFromText = sources.map((source) => source.replace(/dot$/, 'svg'));
    for (const name of [...drawnFromText, 'benchmarks.svg', 'request-time.svg']) {
      const read = (folder: string) => readFileSync(path.join(folder, name), 'utf8');
      expect({ name, svg: read(pictures) }).toEqual({ name, svg: read(drawn) });
    }
    await remove();
  });
});
