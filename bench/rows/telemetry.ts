import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { callWithClient } from '../client-load';
import { median } from '../interleave';
import { processorMs } from '../processor-time';
import type { Row } from '../row';
import { sampleImage, startPlaintextSampleService, type PlaintextSampleService } from '../sample-service';

const IN_FLIGHT = 8;
/** Short turns: the load of the machine changes, and the difference to measure is small. */
const TURN_SECONDS = 1;
/** The first export of traces compiles the exporter. */
const WARM_TURNS = 4;

export const telemetry: Row = {
  name: 'telemetry',
  title:
    'scoring chelsea.png, 8 in flight, processor time of the server per image, with traces exported and metrics read every ' +
    'second; peer: the same without',
  unit: 'ms',
  target: { kind: 'at most', value: 1.02 },
  async measure({ folder, repeats, seconds }) {
    const collector = await startCollector();
    const environments = {
      ours: {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.endpoint,
        OTEL_BSP_SCHEDULE_DELAY: `${TURN_SECONDS * 1000}`,
      },
      peer: { OTEL_TRACES_EXPORTER: 'none' },
    };
    const pairs: { readonly ours: number; readonly peer: number }[] = [];
    try {
      for (let pair = 0; pair < repeats; pair += 1) {
        const own = path.join(folder, `${pair}`);
        pairs.push(await measurePair(own, environments, seconds));
      }
    } finally {
      collector.close();
    }
    if (collector.bytes() === 0) {
      throw new Error('the service exported no traces');
    }
    const ratio = median(pairs.map(({ ours, peer }) => ours / peer));
    return {
      ours: median(pairs.map(({ ours }) => ours)),
      peer: median(pairs.map(({ peer }) => peer)),
      ratio,
      note: `${((ratio - 1) * 100).toFixed(1)} %`,
    };
  },
};

/**
 * Measures a pair of new processes in turn: two processes of one program can differ by more than the difference to measure.
 * @param turns number of turns per side
 */
async function measurePair(
  folder: string,
  environments: Readonly<Record<'ours' | 'peer', NodeJS.ProcessEnv>>,
  turns: number,
): Promise<{ ours: number; peer: number }> {
  const services: PlaintextSampleService[] = [];
  const start = async (side: 'ours' | 'peer') => {
    const own = path.join(folder, side);
    await mkdir(own, { recursive: true });
    const service = await startPlaintextSampleService(own, environments[side]);
    services.push(service);
    return service;
  };
  try {
    const observed = await start('ours');
    const plain = await start('peer');
    const image = await readFile(sampleImage);
    const ours = await processorUse(observed, image, () => scrape(observed));
    const peer = await processorUse(plain, image);
    for (let turn = 0; turn < turns; turn += 1) {
      for (const side of turn % 2 === 0 ? [ours, peer] : [peer, ours]) {
        await side.turn();
      }
    }
    return { ours: ours.msPerImage(), peer: peer.msPerImage() };
  } finally {
    await Promise.all(services.map((service) => service.stop()));
  }
}

/**
 * Measures the processor time of a server over many turns. All of it counts, also between its turns, because traces are exported
 * when it suits the exporter.
 * @param beside work during each turn
 */
async function processorUse(
  { pid, client }: PlaintextSampleService,
  image: Uint8Array,
  beside: () => Promise<unknown> = () => Promise.resolve(),
): Promise<{ turn: () => Promise<void>; msPerImage: () => number }> {
  const load = { inFlight: IN_FLIGHT, seconds: TURN_SECONDS };
  const turn = async () => {
    const [{ calls }] = await Promise.all([callWithClient(client, image, load), beside()]);
    return calls;
  };
  for (let warm = 0; warm < WARM_TURNS; warm += 1) {
    await turn();
  }
  const before = await processorMs(pid);
  let [images, used] = [0, 0];
  return {
    turn: async () => {
      images += await turn();
      used = (await processorMs(pid)) - before;
    },
    msPerImage: () => used / images,
  };
}

async function scrape({ address }: PlaintextSampleService): Promise<void> {
  const response = await fetch(`http://${address}/metrics`);
  if (!(await response.text()).includes('brainwave_requests_total')) {
    throw new Error('the service has no metrics');
  }
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
