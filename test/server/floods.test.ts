import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterwards } from '../support/cleanup';
import { servingPort, startCommand } from '../support/cli';
import { temporaryFolder } from '../support/temporary-folder';
import { tinyModel } from '../support/tiny-model';
import { until } from '../support/until';
import { GrpcClient, rowRequest } from './support/grpc-client';
import {
  Attacker,
  callHeaders,
  END_HEADERS,
  END_STREAM,
  frame,
  indexed,
  literal,
  NEWEST_ENTRY,
  rstStream,
} from './support/http2-attacker';
import { HEALTH_PATH, PREDICT_PATH } from './support/raw-client';

interface Attack {
  readonly what: string;
  readonly times: number;
  /** Whether the attacker takes what the server answers. @default true */
  readonly reads?: false;
  readonly make: (turn: number) => Uint8Array;
}

const health = callHeaders(HEALTH_PATH);
const predict = callHeaders(PREDICT_PATH);
const streamOf = (turn: number) => 2 * turn + 1;
const MEMORY_LIMIT_KB = 200_000;
/** Calls and their resets, of some 170 bytes: two sockets' buffers may take 10 MB before the server reads any. */
const MORE_THAN_SOCKETS_HOLD = 300_000;

const header = literal('x-flood', 'x'.repeat(16_000));
const bomb = Buffer.concat(Array.from({ length: 8000 }, () => NEWEST_ENTRY));
const window = Buffer.of(0, 4, 0, 0, 255, 255);

const resets = (headers: Buffer) => (turn: number) =>
  Buffer.concat([frame('headers', streamOf(turn), headers, END_HEADERS), rstStream(streamOf(turn))]);
const after = (first: Buffer, next: Buffer) => (turn: number) => (turn === 0 ? first : next);

/** Those that the server answers by ending the connection. */
const ENDED: Attack[] = [
  {
    what: 'health checks that are reset at once (CVE-2023-44487)',
    times: MORE_THAN_SOCKETS_HOLD,
    make: resets(health),
  },
  { what: 'predictions that are reset at once', times: MORE_THAN_SOCKETS_HOLD, make: resets(predict) },
  { what: 'resets, its answers unread', times: MORE_THAN_SOCKETS_HOLD, reads: false, make: resets(predict) },
  {
    what: 'headers that never end (CVE-2024-27983)',
    times: 30_000,
    make: after(frame('headers', 1, health), frame('continuation', 1, header)),
  },
  {
    what: 'empty continuations of headers',
    times: 200_000,
    make: after(frame('headers', 1, health), frame('continuation', 1)),
  },
  {
    what: 'settings (CVE-2019-9515), unread',
    times: 1_000_000,
    reads: false,
    make: () => frame('settings', 0),
  },
  {
    what: 'pings (CVE-2019-9512), unread',
    times: 1_000_000,
    reads: false,
    make: () => frame('ping', 0, Buffer.alloc(8)),
  },
  {
    what: 'empty data (CVE-2019-9518)',
    times: 200_000,
    make: after(frame('headers', 1, predict, END_HEADERS), frame('data', 1)),
  },
];

/** Those that it lives through, or ends where the attacker is quick. */
const OUTLIVED: Attack[] = [
  { what: 'settings that change the window', times: 5000, make: () => frame('settings', 0, window) },
  { what: 'pings', times: 5000, make: () => frame('ping', 0, Buffer.alloc(8)) },
  {
    what: 'priorities (CVE-2019-9513)',
    times: 20_000,
    make: (turn) => frame('priority', streamOf(turn), Buffer.of(0, 0, 0, 0, 16)),
  },
  {
    what: 'headers of 32 MB in 8 kB (an HPACK bomb)',
    times: 300,
    make: (turn) => {
      const entry = turn === 0 ? indexed('x-bomb', 'x'.repeat(4000)) : Buffer.alloc(0);
      return frame('headers', streamOf(turn), Buffer.concat([health, entry, bomb]), END_HEADERS | END_STREAM);
    },
  },
  {
    what: 'headers as large as they may be',
    times: 300,
    make: (turn) =>
      frame('headers', streamOf(turn), Buffer.concat([health, header]), END_HEADERS | END_STREAM),
  },
];

async function start(): Promise<{ pid: number; port: number }> {
  const folder = await temporaryFolder();
  afterwards(folder.remove);
  await writeFile(path.join(folder.path, 'model.zip'), tinyModel());
  // A process of its own: the attacker must not share the server's thread.
  const server = startCommand(
    ['serve', '--model', 'model.zip', '--port', '0', '--workers', '1'],
    folder.path,
  );
  return { port: await servingPort(server), pid: server.process.pid ?? 0 };
}

function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Runs an attack while a good client calls, one call after the other. */
async function attack(
  { times, make, reads }: Attack,
  server: { pid: number; port: number },
): Promise<{ attacker: Attacker; goodStatuses: Set<string>; flooding: Promise<number> }> {
  const good = new GrpcClient(`127.0.0.1:${server.port}`);
  afterwards(() => {
    good.close();
  });
  const goodStatuses = new Set<string>();
  goodStatuses.add((await good.predict(rowRequest(1, 2, 3))).status);
  const attacker = new Attacker(server.port, reads);
  afterwards(() => {
    attacker.close();
  });
  const over = new AbortController();
  const flooding = attacker.flood(times, make).finally(() => {
    over.abort();
  });
  let calls = 0;
  while (!over.signal.aborted || calls < 10) {
    goodStatuses.add((await good.predict(rowRequest(1, 2, 3))).status);
    calls += 1;
  }
  return { attacker, goodStatuses, flooding };
}

describe('good clients are served, memory stays bounded, and the connection is ended that floods the server with', () => {
  it.each(ENDED)('$what', async (of) => {
    const server = await start();
    const before = memoryOf(server.pid);
    const { attacker, goodStatuses, flooding } = await attack(of, server);
    await until(() => attacker.closed);
    expect(await flooding).toBeLessThan(of.times);
    expect([...goodStatuses]).toEqual(['OK']);
    expect(memoryOf(server.pid) - before).toBeLessThan(MEMORY_LIMIT_KB);
  });
});

describe('good clients are served, and memory stays bounded, during a flood of', () => {
  it.each(OUTLIVED)('$what', async (of) => {
    const server = await start();
    const before = memoryOf(server.pid);
    const { goodStatuses } = await attack(of, server);
    expect([...goodStatuses]).toEqual(['OK']);
    expect(memoryOf(server.pid) - before).toBeLessThan(MEMORY_LIMIT_KB);
  });
});
