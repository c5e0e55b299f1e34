import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { interleave } from '../interleave';
import type { Row } from '../row';
import { startSampleService, type SampleService } from '../sample-service';

const command = path.resolve(__dirname, '../../dist/lib/cli/main.js');
const TARGET = { kind: 'at most', value: 2.5 } as const;

/** Compares a command that calls a warm service with a Node.js process that does nothing. */
function commandStart(name: string, title: string, args: (service: SampleService) => string[]): Row {
  return {
    name,
    title: `${title}, from start to exit; peer: node -e 0`,
    unit: 'ms',
    target: TARGET,
    quick: true,
    async measure({ folder, repeats }) {
      const service = await startSampleService(folder);
      const client = service.client();
      try {
        const fastest = await fastestScore(client, readFileSync(service.image));
        const { address, hostname, certificateFile, keyFile } = service;
        const connection = [
          ...['--address', address, '--server-name', hostname],
          ...['--root-certificate-file', certificateFile, '--key-file', keyFile],
        ];
        const figures = await interleave(
          3 * repeats,
          () => timeOf([command, ...args(service), ...connection]),
          () => timeOf(['-e', '0']),
        );
        return { ...figures, note: `one score takes ${fastest.toFixed(0)} ms` };
      } finally {
        client.close();
        await service.stop();
      }
    },
  };
}

export const smokeTest = commandStart(
  'smoke-test',
  'smoke test of one image by a warm service',
  ({ image }) => ['smoke-test', image, ...['--warm-calls-count', '0']],
);

export const score = commandStart('score', 'score of one image by a warm service', ({ image }) => [
  'score',
  image,
]);

async function fastestScore(client: ReturnType<SampleService['client']>, image: Buffer): Promise<number> {
  const times: number[] = [];
  for (let call = 0; call < 20; call += 1) {
    const startedAt = performance.now();
    await client.predictImage(image);
    times.push(performance.now() - startedAt);
  }
  return Math.min(...times);
}

/** Returns the duration of a Node.js process, in milliseconds. */
export async function timeOf(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) {
    throw new Error(`node ${args.join(' ')} ended with ${code}`);
  }
  return performance.now() - startedAt;
}
