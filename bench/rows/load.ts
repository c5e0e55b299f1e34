import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { interleave } from '../interleave';
import type { Row } from '../row';

const run = promisify(execFile);
const constructs = path.resolve(__dirname, '../../dist/constructs');

export const load: Row = {
  name: 'load',
  title:
    'processor time of loading cdktf-brainwave on top of cdktf and the provider submodules that it uses; peer: these alone',
  unit: 'ms',
  target: { kind: 'more at most', value: 100 },
  async measure({ repeats }) {
    const needed = neededModules();
    const time = (modules: readonly string[]) => async () => {
      const script =
        'const startedAt = performance.now();' +
        modules.map((module) => `require(${JSON.stringify(module)});`).join('') +
        'console.log(performance.now() - startedAt);';
      const { stdout } = await run(process.execPath, ['-e', script], { cwd: constructs });
      return Number(stdout);
    };
    const figures = await interleave(
      // The processes are short-lived, and their variance is larger than the difference to measure.
      3 * repeats,
      time([...needed, path.join(constructs, 'index.js')]),
      time(needed),
    );
    return { ...figures, note: `${(figures.ours - figures.peer).toFixed(0)} ms more` };
  },
};

/** Loads cdktf, constructs and the provider submodules that our constructs require. */
function neededModules(): string[] {
  const found = readdirSync(constructs, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => [
      ...readFileSync(path.join(constructs, file), 'utf8').matchAll(
        /require\("(@cdktf\/[^"]+|cdktf|constructs)"\)/g,
      ),
    ])
    .map(([, module]) => module);
  return [...new Set(found)].sort();
}
