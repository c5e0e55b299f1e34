import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { callWithClient, warmTransport } from '../client-load';
import type { LoadResult } from '../ghz';
import { interleave } from '../interleave';
import type { Row, Target } from '../row';
import { startSampleService } from '../sample-service';
import type { Order } from '../servers/direct-scoring';

const PEER = 'decoding and inference called directly in one process';

function directRow(
  {
    name,
    title,
    unit,
    target,
    inFlight,
  }: Pick<Row, 'name' | 'title' | 'unit'> & { target: Target; inFlight: number },
  figure: (result: LoadResult) => number,
): Row {
  return {
    ...{ name, title: `${title}; peer: ${PEER}`, unit, target, quick: true },
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
          figure(await callWithClient(client, image, { inFlight, seconds: duration }));
        const peer = async (duration = seconds) => {
          const order: Order = { inFlight, seconds: duration };
          direct.send(order);
          const [result] = (await once(direct, 'message')) as [LoadResult];
          return figure(result);
        };
        await warmTransport(client, image);
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
}

export const scoring = directRow(
  {
    name: 'scoring',
    title: 'scoring chelsea.png, 8 in flight, images a second through the service',
    unit: 'images/s',
    target: { kind: 'at least', value: 0.9 },
    inFlight: 8,
  },
  ({ callsPerSecond }) => callsPerSecond,
);

export const directLatency = directRow(
  {
    name: 'latency',
    title: 'scoring chelsea.png, 1 in flight, median time of a call with TLS and key',
    unit: 'ms',
    target: { kind: 'at most', value: 1.05 },
    inFlight: 1,
  },
  ({ medianMs }) => medianMs,
);
