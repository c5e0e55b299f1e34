import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { interleave } from '../interleave';
import type { Row } from '../row';
import { startSampleService } from '../sample-service';

const command = path.resolve(__dirname, '../../dist/lib/cli/main.js');

export const smokeTest: Row = {
  name: 'smoke-test',
  title: 'smoke test of one image by a warm service, from start to exit; peer: node -e 0',
  unit: 'ms',
  target: { kind: 'at most', value: 3 },
  async measure({ folder, repeats }) {
    const service = await startSampleService(folder);
    const { address, hostname, certificateFile, keyFile, image } = service;
    const args = [
      ...[command, 'smoke-test', image, '--address', address, '--server-name', hostname],
      ...['--root-certificate-file', certificateFile, '--key-file', keyFile, '--warm-calls-count', '0'],
    ];
    const client = service.client();
    try {
      const warm = readFileSync(image);
      const scores: number[] = [];
      for (let call = 0; call < 20; call += 1) {
        const startedAt = performance.now();
        await client.predictImage(warm);
        scores.push(performance.now() - startedAt);
      }
      const figures = await interleave(
        3 * repeats,
        () => timeOf(args),
        () => timeOf(['-e', '0']),
      );
      return { ...figures, note: `one score takes ${Math.min(...scores).toFixed(0)} ms` };
    } finally {
      client.close();
      await service.stop();
    }
  },
};

/** Returns the duration of a Node.js process, in milliseconds. */
async function timeOf(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) {
    throw new Error(`node ${args.join(' ')} ended with ${code}`);
  }
  return performance.now() - startedAt;
}
