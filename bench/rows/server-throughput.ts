import { Ghz } from '../ghz';
import { interleave } from '../interleave';
import type { Row, Target } from '../row';
import { secured } from '../secured';
import { startServer, type BenchServer, type ServerKind } from '../servers/start-server';

/** Time for some thousand calls, after which V8 has compiled the code of a server. */
const WARM_SECONDS = 6;
const LOAD = { imageBytes: 100_000, inFlight: 32, connections: 4 };

/** Compares our transport under load with another server, both without a model. */
function serverThroughput(name: string, peerKind: ServerKind, peerTitle: string, target: Target): Row {
  return {
    name,
    title: `server without a model, calls a second of ghz with a 100 kB image, 32 in flight, TLS and key; peer: ${peerTitle}`,
    unit: 'calls/s',
    target,
    async measure({ folder, repeats, seconds }) {
      const pki = await secured(folder);
      const ghz = await Ghz.prepare(pki, folder);
      const servers: BenchServer[] = [];
      const start = async (kind: ServerKind) => {
        const server = await startServer(kind, pki);
        servers.push(server);
        return async (duration = seconds) =>
          (await ghz.call(server.port, { ...LOAD, seconds: duration })).callsPerSecond;
      };
      try {
        const ours = await start('ours');
        const peer = await start(peerKind);
        await ours(WARM_SECONDS);
        await peer(WARM_SECONDS);
        return await interleave(repeats, ours, peer);
      } finally {
        await Promise.all(servers.map((server) => server.stop()));
      }
    },
  };
}

export const serverAgainstGo = serverThroughput('server-go', 'Go', "grpc-go's server", {
  kind: 'at least',
  value: 0.6,
});
export const serverAgainstGrpcJs = serverThroughput('server-grpc-js', 'grpc-js', "grpc-js's own server", {
  kind: 'at least',
  value: 1.2,
});
/** Overhead of the transport compared with node:http2. */
export const serverAgainstHttp2 = serverThroughput(
  'server-http2',
  'node:http2',
  'a bare handler of node:http2, which decodes nothing',
  { kind: 'at least', value: 0.7 },
);
