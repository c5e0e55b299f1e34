import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { MEMORY_ENVIRONMENT } from '../../dist/lib/process/server-environment';
import { interleave } from '../interleave';
import type { Row } from '../row';
import { sampleServiceDefinition } from '../sample-service';
import { serve } from '../../test/interop/served-model';
import { timeOf } from './command-start';

export const serverStart: Row = {
  name: 'server-start',
  title: 'server of the sample model, from start until it is ready; peer: node -e 0',
  unit: 'ms',
  target: { kind: 'below', value: 1000 },
  quick: true,
  async measure({ folder, repeats }) {
    let run = 0;
    const definition = sampleServiceDefinition();
    const ours = async () => {
      const own = path.join(folder, `run-${(run += 1)}`);
      await mkdir(own);
      const server = await serve(own, 'sample', definition, undefined, undefined, MEMORY_ENVIRONMENT);
      await server.stop();
      return server.readyMs;
    };
    return interleave(repeats, ours, () => timeOf(['-e', '0']));
  },
};
