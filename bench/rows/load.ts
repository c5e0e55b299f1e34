import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { interleave } from '../interleave';
import type { Row } from '../row';

const run = promisify(execFile);
const constructs = path.resolve(__dirname, '../../dist/constructs');

export const load: Row = {
  name: 'load',
  title: 'processor time of loading cdktf-brainwave on top of cdktf; peer: cdktf alone',
  unit: 'ms',
  target: { kind: 'more at most', value: 100 },
  quick: true,
  async measure({ repeats }) {
    const needed = ['cdktf', 'constructs'];
    const time = (modules: readonly string[]) => async () => {
      const script =
        'const before = process.cpuUsage();' +
        modules.map((module) => `require(${JSON.stringify(module)});`).join('') +
        'const { user, system } = process.cpuUsage(before); console.log((user + system) / 1000);';
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
