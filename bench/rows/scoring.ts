import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { callWithClient } from '../client-load';
import { interleave } from '../interleave';
import type { Row } from '../row';
import { startSampleService } from '../sample-service';

const IN_FLIGHT = 8;

export const scoring: Row = {
  name: 'scoring',
  title:
    'scoring chelsea.png, 8 in flight, images a second through the service; peer: decoding and inference called directly in one process',
  unit: 'images/s',
  target: { kind: 'at least', value: 0.9 },
  async measure({ folder, repeats, seconds }) {
    const service = await startSampleService(folder);
    const direct = fork(path.join(__dirname, '../servers/direct-scoring.ts'), {
      execArgv: ['--import', 'tsx'],
    });
    const client = service.client();
    try {
      await once(direct, 'message');
      const image = readFileSync(service.image);
      const ours = async (duration = seconds) =>
        (await callWithClient(client, image, { inFlight: IN_FLIGHT, seconds: duration })).callsPerSecond;
      const peer = async (duration = seconds) => {
        direct.send({ inFlight: IN_FLIGHT, seconds: duration });
        const [imagesPerSecond] = (await once(direct, 'message')) as [number];
        return imagesPerSecond;
      };
      await ours(1);
      await peer(1);
      return await interleave(repeats, ours, peer);
    } finally {
      client.close();
      direct.kill('SIGKILL');
      await service.stop();
    }
  },
};
