import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { PredictionClient } from '../dist/lib/client';
import { callWithClient, warmTransport, type ScoringClient } from './client-load';
import { startSampleService } from './sample-service';
import { secured } from './secured';
import type { Order } from './servers/direct-scoring';
import { startServer } from './servers/start-server';

/** Part of the time of one request. */
export interface RequestPart {
  readonly name: string;
  readonly ms: number;
}

/**
 * Measures where the time of one request goes, with one in flight: the client and the transport are a call to a server without a
 * model with an image of the same size, the stages run in one process, and the rest of a call to the service is the hand-over
 * between its threads.
 */
export async function measureRequest(folder: string, seconds: number): Promise<RequestPart[]> {
  await mkdir(folder, { recursive: true });
  const service = await startSampleService(folder);
  const image = readFileSync(service.image);
  const client = service.client();
  const direct = fork(path.join(__dirname, 'servers/direct-scoring.ts'), { execArgv: ['--import', 'tsx'] });
  const pki = await secured(path.join(folder, 'transport'));
  const server = await startServer('ours', pki);
  const withoutModel = new PredictionClient({
    address: `127.0.0.1:${server.port}`,
    serverName: pki.hostname,
    rootCertificates: pki.certificate,
    key: pki.key,
  });
  try {
    await once(direct, 'message');
    const call = async (each: ScoringClient, content: Uint8Array) => {
      await callWithClient(each, content, { inFlight: 1, seconds: 1 });
      return (await callWithClient(each, content, { inFlight: 1, seconds })).medianMs;
    };
    await warmTransport(client, image);
    const total = await call(client, image);
    const transport = await call(withoutModel, randomBytes(image.length));
    const order: Order = { parts: true, inFlight: 1, seconds };
    direct.send(order);
    const [stages] = (await once(direct, 'message')) as [RequestPart[]];
    const parts = [{ name: 'client and transport', ms: transport }, ...stages];
    const rest = total - parts.reduce((sum, { ms }) => sum + ms, 0);
    return [...parts, { name: 'hand-over between threads', ms: Math.max(rest, 0) }].map(({ name, ms }) => ({
      name,
      ms: Number(ms.toPrecision(3)),
    }));
  } finally {
    client.close();
    withoutModel.close();
    direct.kill('SIGKILL');
    await server.stop();
    await service.stop();
  }
}
