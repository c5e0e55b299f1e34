import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { resolveOptions } from '../../dist/lib/client/prediction-client-options';
import { ServiceCaller } from '../../dist/lib/client/service-caller';
import { serviceMethods } from '../../dist/lib/wire/service-methods';
import { imagesToProto, tensorFromProto } from '../../dist/lib/wire/tensor-proto';
import { callWithClient, warmTransport, type ScoringClient } from '../client-load';
import { processorMs } from '../processor-time';
import type { Row } from '../row';
import { startPlaintextSampleService } from '../sample-service';

const IN_FLIGHT = 8;
/** Short turns: the load of the machine changes, and the difference to measure is small. */
const TURN_SECONDS = 1;
/** The first exports of traces compile the exporter. */
const WARM_TURNS = 5;
const EXPORT_DELAY_MS = 1000;

/*
 * Two processes of one program can differ by more than the difference to measure. The row therefore calls one server, whose
 * calls are traced unless the caller's trace is not sampled.
 */
export const telemetry: Row = {
  name: 'telemetry',
  title:
    'scoring chelsea.png, 8 in flight, processor time of the server per image, with traces exported and metrics read every ' +
    'second; peer: the same server for callers whose traces are not sampled, without reading metrics',
  unit: 'ms',
  target: { kind: 'at most', value: 1.02 },
  async measure({ folder, repeats, seconds }) {
    const collector = await startCollector();
    const service = await startPlaintextSampleService(folder, {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: `${EXPORT_DELAY_MS}`,
    });
    const { pid, address } = service;
    const image = await readFile(service.image);
    const untraced = untracedClient(address);
    const side = (client: ScoringClient, beside?: () => Promise<void>) => {
      let [images, used] = [0, 0];
      return {
        turn: async () => {
          const before = await processorMs(pid);
          const load = { inFlight: IN_FLIGHT, seconds: TURN_SECONDS };
          const [{ calls }] = await Promise.all([callWithClient(client, image, load), beside?.()]);
          // The traces of these calls are exported before the other side's turn.
          await delay(1.2 * EXPORT_DELAY_MS);
          images += calls;
          used += (await processorMs(pid)) - before;
        },
        msPerImage: () => used / images,
      };
    };
    const scraped = () => scrape(address);
    try {
      await warmTransport(service.client, image);
      const warm = side(service.client, scraped);
      for (let turn = 0; turn < WARM_TURNS; turn += 1) {
        await warm.turn();
      }
      const ours = side(service.client, scraped);
      const peer = side(untraced.client);
      const exported = collector.bytes();
      for (let turn = 0; turn < repeats * seconds; turn += 1) {
        for (const each of turn % 2 === 0 ? [ours, peer] : [peer, ours]) {
          await each.turn();
        }
      }
      if (collector.bytes() === exported) {
        throw new Error('the service exported no traces');
      }
      const figures = { ours: ours.msPerImage(), peer: peer.msPerImage() };
      const ratio = figures.ours / figures.peer;
      return { ...figures, ratio, note: `${((ratio - 1) * 100).toFixed(1)} %` };
    } finally {
      untraced.close();
      await service.stop();
      collector.close();
    }
  },
};

/** A client whose calls belong to a trace that is not sampled. */
function untracedClient(address: string): { client: ScoringClient; close: () => void } {
  const caller = new ServiceCaller(resolveOptions({ address, plaintext: true }));
  const { Predict } = serviceMethods().prediction;
  const notSampled = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
  return {
    client: {
      predictImage: async (image) => {
        const request = { inputs: { images: imagesToProto([image]) } };
        const { outputs } = await caller.call(Predict, request, { headers: { traceparent: notSampled } });
        return tensorFromProto(outputs.output_alias).data;
      },
    },
    close: () => {
      caller.close();
    },
  };
}

async function scrape(address: string): Promise<void> {
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
