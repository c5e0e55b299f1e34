import http2 from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';

import { GrpcClient, HOSTNAME, imageRequest } from '../server/support/grpc-client';
import { sampleImage } from '../support/sample-service-definition';
import { figuresOf } from './process-figures';

/** The server, with TLS where it has a root. */
export interface IdleTarget {
  readonly address: string;
  readonly root?: string;
  readonly key?: string;
}

/** What thousands of connections cost on which nothing is asked. */
export interface IdleFigures {
  readonly asked: number;
  readonly opened: number;
  readonly kbEach: number;
  readonly calls: number;
  readonly goodCalls: number;
  /** File descriptors of the server that are still open when all connections are closed. */
  readonly leftOver: number;
  readonly problems: readonly string[];
}

const AT_ONCE = 50;
const GOOD_CALLS = 50;

/** Opens connections that greet and say no more, and calls the server on another while they are there. */
export async function openIdleConnections(
  target: IdleTarget,
  pid: number,
  asked: number,
): Promise<IdleFigures> {
  const before = figuresOf(pid);
  const open = new Set<http2.ClientHttp2Session>();
  const failures = new Map<string, number>();
  let begun = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (begun < asked) {
        begun += 1;
        await greet(target, open, failures);
      }
    }),
  );
  const during = figuresOf(pid);
  const opened = open.size;
  const client = new GrpcClient(target.address, { root: target.root, key: target.key });
  let goodCalls = 0;
  for (let call = 0; call < GOOD_CALLS; call += 1) {
    const { status } = await client.predict(imageRequest(sampleImage('rocket.jpg')));
    goodCalls += status === 'OK' ? 1 : 0;
  }
  const stayed = open.size;
  client.close();
  for (const session of open) {
    session.destroy();
  }
  await delay(5000);
  const leftOver = figuresOf(pid).fileDescriptors - before.fileDescriptors;
  const problems = [
    ...(opened < asked
      ? [`${asked - opened} connections were not made: ${JSON.stringify([...failures])}`]
      : []),
    ...(stayed < opened ? [`${opened - stayed} idle connections were closed`] : []),
    ...(goodCalls < GOOD_CALLS
      ? [`${GOOD_CALLS - goodCalls} good calls failed beside idle connections`]
      : []),
    ...(leftOver > 0 ? [`${leftOver} file descriptors of idle connections leaked`] : []),
  ];
  const kbEach = (during.memoryKb - before.memoryKb) / Math.max(1, opened);
  return { asked, opened, kbEach, calls: GOOD_CALLS, goodCalls, leftOver, problems };
}

/** A peer of HTTP/2 that asks for nothing and answers pings, as clients' libraries do. */
function greet(
  { address, root }: IdleTarget,
  open: Set<http2.ClientHttp2Session>,
  failures: Map<string, number>,
): Promise<void> {
  return new Promise((resolve) => {
    const session =
      root === undefined
        ? http2.connect(`http://${address}`)
        : http2.connect(`https://${address}`, { ca: root, servername: HOSTNAME });
    session.on('remoteSettings', () => {
      open.add(session);
      resolve();
    });
    session.on('close', () => {
      open.delete(session);
      resolve();
    });
    session.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? error.message;
      failures.set(reason, (failures.get(reason) ?? 0) + 1);
      resolve();
    });
  });
}
