import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { interleave } from '../interleave';
import type { Row } from '../row';

const run = promisify(execFile);
const constructs = path.resolve(__dirname, '../../dist/constructs');
/** What a stack with web services on AKS reads from the index, which loads the rest only when it is read. */
const NAMES = [
  'Accelerator',
  'AksCompute',
  'AzapiProvider',
  'BrainwaveWebservice',
  'RegisteredModel',
  'ScoringCluster',
  'ScoringImage',
  'SslSettings',
  'Workspace',
];

export const load: Row = {
  name: 'load',
  title:
    'processor time of loading the constructs of a web service on AKS on top of cdktf; peer: cdktf alone',
  unit: 'ms',
  target: { kind: 'more at most', value: 100 },
  quick: true,
  async measure({ repeats }) {
    const peer = "require('cdktf'); require('constructs');";
    const index = JSON.stringify(path.join(constructs, 'index.js'));
    const time = (statements: string) => async () => {
      const script =
        `const before = process.cpuUsage(); ${statements}` +
        'const { user, system } = process.cpuUsage(before); console.log((user + system) / 1000);';
      const { stdout } = await run(process.execPath, ['-e', script], { cwd: constructs });
      return Number(stdout);
    };
    const figures = await interleave(
      // The processes are short-lived, and their variance is larger than the difference to measure.
      3 * repeats,
      time(`${peer} const { ${NAMES.join(', ')} } = require(${index});`),
      time(peer),
    );
    return { ...figures, note: `${(figures.ours - figures.peer).toFixed(0)} ms more` };
  },
};
