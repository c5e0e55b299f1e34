import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { callWithClient, warmTransport, type ScoringClient } from '../client-load';
import type { LoadResult } from '../ghz';
import { interleave } from '../interleave';
import { startScoringPeer, type PeerKind } from '../peers/scoring-servers';
import { residentMebibytes } from '../resident-memory';
import type { BenchRun, Figures, Row, Target } from '../row';
import { sampleImage, startPlaintextSampleService, type PlaintextSampleService } from '../sample-service';

const IN_FLIGHT = 8;
const TITLES: Readonly<Record<PeerKind, string>> = {
  grpcio: 'a hand-written grpcio server with Pillow and onnxruntime',
  kserve: 'KServe with Pillow and onnxruntime',
  mlserver: 'MLServer with Pillow and onnxruntime',
  triton: "Triton's Python backend (nvidia-pytriton) with Pillow and onnxruntime",
};

interface Sides {
  readonly service: PlaintextSampleService;
  readonly peer: ScoringClient;
  readonly peerPid: number;
  readonly image: Uint8Array;
}

interface About {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly target: Target;
}

function peerRow(
  kind: PeerKind,
  { name, title, unit, target }: About,
  measure: (sides: Sides, run: BenchRun) => Promise<Figures>,
): Row {
  return {
    name: `${name}-${kind}`,
    title: `${title}; peer: ${TITLES[kind]}`,
    unit,
    target,
    async measure(run) {
      const service = await startPlaintextSampleService(run.folder);
      try {
        const image = await readFile(service.image);
        const peer = await startScoringPeer(kind, run.folder, image);
        try {
          await requireSameClass(service.client, peer.client, image);
          return await measure({ service, peer: peer.client, peerPid: peer.pid, image }, run);
        } finally {
          await peer.stop();
        }
      } finally {
        await service.stop();
      }
    },
  };
}

/** Calls both sides in turn, each after a second of calls that do not count. */
function loadRow(
  kind: PeerKind,
  about: About,
  inFlight: number,
  figure: (result: LoadResult) => number,
): Row {
  return peerRow(kind, about, async ({ service, peer, image }, { repeats, seconds }) => {
    const measured =
      (client: ScoringClient) =>
      async (duration = seconds) =>
        figure(await callWithClient(client, image, { inFlight, seconds: duration }));
    await warmTransport(service.client, image);
    await measured(service.client)(1);
    await measured(peer)(1);
    return interleave(repeats, measured(service.client), measured(peer));
  });
}

function throughput(kind: PeerKind): Row {
  return loadRow(
    kind,
    {
      name: 'scoring',
      title: 'scoring chelsea.png, 8 in flight, images a second without TLS',
      unit: 'images/s',
      target: { kind: 'at least', value: 1 },
    },
    IN_FLIGHT,
    ({ callsPerSecond }) => callsPerSecond,
  );
}

function latency(kind: PeerKind): Row {
  return loadRow(
    kind,
    {
      name: 'latency',
      title: 'scoring chelsea.png, 1 in flight, median time of a call without TLS',
      unit: 'ms',
      target: { kind: 'at most', value: 1 },
    },
    1,
    ({ medianMs }) => medianMs,
  );
}

function memory(kind: PeerKind): Row {
  return peerRow(
    kind,
    {
      name: 'memory',
      title: 'resident memory of the server of the sample model after 8 calls in flight, ours with 2 workers',
      unit: 'MiB',
      target: { kind: 'below', value: 265 },
    },
    async ({ service, peer, peerPid, image }, { seconds }) => {
      await callWithClient(service.client, image, { inFlight: IN_FLIGHT, seconds });
      await callWithClient(peer, image, { inFlight: IN_FLIGHT, seconds });
      const ours = await residentMebibytes(service.pid);
      const theirs = await residentMebibytes(peerPid);
      return { ours, peer: theirs, ratio: ours / theirs };
    },
  );
}

/** Starts both sides in turn. */
function start(kind: PeerKind): Row {
  return {
    name: `start-${kind}`,
    title: `server of the sample model, from start until it is ready; peer: ${TITLES[kind]}`,
    unit: 'ms',
    target: { kind: 'at most', value: 1 },
    async measure({ folder, repeats }) {
      let runs = 0;
      const ownFolder = async () => {
        const own = path.join(folder, `run-${(runs += 1)}`);
        await mkdir(own);
        return own;
      };
      const ours = async () => {
        const service = await startPlaintextSampleService(await ownFolder());
        await service.stop();
        return service.readyMs;
      };
      const image = await readFile(sampleImage);
      const peer = async () => {
        const server = await startScoringPeer(kind, await ownFolder(), image);
        await server.stop();
        return server.readyMs;
      };
      return interleave(Math.min(repeats, 3), ours, peer);
    },
  };
}

/** A server that computes something else is no peer. */
async function requireSameClass(ours: ScoringClient, peer: ScoringClient, image: Uint8Array): Promise<void> {
  const [expected, got] = (await Promise.all([ours.predictImage(image), peer.predictImage(image)])).map(
    (probabilities) => probabilities.indexOf(Math.max(...probabilities)),
  );
  if (expected !== got) {
    throw new Error(`the peer predicts class ${got}, ours ${expected}`);
  }
}

const KINDS = ['grpcio', 'kserve', 'mlserver', 'triton'] as const;

/** Rows that compare the service with servers that others write. */
export const SCORING_PEERS: readonly Row[] = [
  ...KINDS.map(throughput),
  ...KINDS.map(latency),
  ...KINDS.map(memory),
  ...KINDS.map(start),
];
