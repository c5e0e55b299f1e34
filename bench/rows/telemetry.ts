import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { callWithClient } from '../client-load';
import { interleave } from '../interleave';
import { processorMs } from '../processor-time';
import type { Row } from '../row';
import { startPlaintextSampleService, type PlaintextSampleService } from '../sample-service';

const IN_FLIGHT = 8;
const SCRAPE_INTERVAL_MS = 1000;

export const telemetry: Row = {
  name: 'telemetry',
  title:
    'scoring chelsea.png, 8 in flight, processor time of the server per image, with traces exported and metrics read every ' +
    'second; peer: the same without',
  unit: 'ms',
  target: { kind: 'at most', value: 1.02 },
  async measure({ folder, repeats, seconds }) {
    const collector = await startCollector();
    const start = async (name: string, environment: NodeJS.ProcessEnv) => {
      const own = path.join(folder, name);
      await mkdir(own);
      return startPlaintextSampleService(own, environment);
    };
    const services: PlaintextSampleService[] = [];
    try {
      const observed = await start('observed', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.endpoint });
      services.push(observed);
      const plain = await start('plain', { OTEL_TRACES_EXPORTER: 'none' });
      services.push(plain);
      const image = await readFile(observed.image);
      const perImage = async ({ pid, client }: PlaintextSampleService, duration: number) => {
        const before = await processorMs(pid);
        const load = { inFlight: IN_FLIGHT, seconds: duration };
        const startedAt = performance.now();
        const { callsPerSecond } = await callWithClient(client, image, load);
        const calls = (callsPerSecond * (performance.now() - startedAt)) / 1000;
        return ((await processorMs(pid)) - before) / calls;
      };
      const withTelemetry = async (duration: number) => {
        const scrapes = setInterval(() => void scrape(observed), SCRAPE_INTERVAL_MS);
        try {
          return await perImage(observed, duration);
        } finally {
          clearInterval(scrapes);
        }
      };
      await withTelemetry(1);
      await perImage(plain, 1);
      const figures = await interleave(
        repeats,
        () => withTelemetry(seconds),
        () => perImage(plain, seconds),
      );
      const metrics = await scrape(observed);
      if (collector.bytes() === 0 || !metrics.includes('brainwave_requests_total')) {
        throw new Error('the service exported no traces or no metrics');
      }
      return { ...figures, note: `${((figures.ratio - 1) * 100).toFixed(1)} %` };
    } finally {
      await Promise.all(services.map((service) => service.stop()));
      collector.close();
    }
  },
};

async function scrape({ address }: PlaintextSampleService): Promise<string> {
  const response = await fetch(`http://${address}/metrics`);
  return response.text();
}

/** Accepts traces over OTLP, and only counts their bytes. */
async function startCollector(): Promise<{ endpoint: string; bytes: () => number; close: () => void }> {
  let bytes = 0;
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    bytes: () => bytes,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
