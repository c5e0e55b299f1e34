import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { HOSTNAME, serve } from '../interop/served-model';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { openIdleConnections, type IdleFigures, type IdleTarget } from './idle-connections';
import { MixedLoad, type Target } from './mixed-load';
import { figuresOf, type ProcessFigures } from './process-figures';
import { growth, quantile } from './statistics';

/*
 * `npm run soak`: minutes of mixed load at twice what the server can do, and thousands of idle connections, with TLS and
 * without.
 *
 *     npm run soak -- --seconds 600 --connections 10000 --json soak.json
 */

const WORKERS = 2;
/** One that waits besides those that run: what waits longer is what makes answers late. */
const MAX_IN_FLIGHT = WORKERS + 1;
const OPTIONS = ['--workers', String(WORKERS), '--max-in-flight', String(MAX_IN_FLIGHT)];
const UNLOADED_CALLS = 300;
const CAPACITY_SECONDS = 10;
/** More than the server takes: some of them wait to cancel, or read slowly, and keep no worker busy meanwhile. */
const CAPACITY_CALLERS = 4 * MAX_IN_FLIGHT;
/** libuv begins the threads of its pool as they are needed, also late. */
const LATE_THREADS = 4;
const SAMPLE_MS = 2000;
/** How much of the time is warm-up, whose memory does not count. */
const WARM_UP_SHARE = 0.3;
const MAX_GROWTH = 0.05;
const MAX_LATENCY_RATIO = 3;
const OVERLOAD = 2;

type Counts = Record<string, Record<string, number>>;

/** Milliseconds of plain calls that were answered. */
interface Times {
  /** From a call's headers to its answer, in the server. The load shares its two cores here, and its own waits count not. */
  readonly server: { readonly p50: number; readonly p99: number };
  /** As the caller sees it. */
  readonly caller: { readonly p50: number; readonly p99: number };
}

interface LoadFigures {
  readonly capacityPerSecond: number;
  readonly offeredPerSecond: number;
  readonly calls: number;
  readonly counts: Counts;
  /** Calls that ended otherwise than with what is right for them or RESOURCE_EXHAUSTED. */
  readonly lost: number;
  readonly unloaded: Times;
  readonly accepted: Times;
  readonly memoryGrowth: number;
  readonly memoryMb: { readonly afterWarmUp: number; readonly end: number };
  /** Engines and libvips begin threads as they need them. */
  readonly threadsAfterWarmUp: number;
  readonly before: ProcessFigures;
  readonly after: ProcessFigures;
}

const say = (line: string): void => {
  process.stdout.write(`soak: ${line}\n`);
};

function isPlain(kind: string): boolean {
  return kind === 'JPEG images' || kind === 'PNG images' || kind === 'arrays';
}

/** The time that each plain call takes when it is alone, as its caller sees it. */
async function measureUnloaded(load: MixedLoad): Promise<number[]> {
  const times: number[] = [];
  while (times.length < UNLOADED_CALLS) {
    const kind = load.next();
    if (isPlain(kind.name)) {
      const startedAt = performance.now();
      await kind.call();
      times.push(performance.now() - startedAt);
    }
  }
  return times;
}

/** What the server's log says of the plain calls of a phase. */
async function timesOf(phase: string, caller: readonly number[], logFile: string): Promise<Times> {
  const server: number[] = [];
  for await (const line of createInterface({ input: createReadStream(logFile) })) {
    if (line.includes(`"requestId":"${phase}-`) && line.includes('"status":"OK"')) {
      server.push((JSON.parse(line) as { durationMs: number }).durationMs);
    }
  }
  const of = (times: readonly number[]) => ({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
  return { server: of(server), caller: of(caller) };
}

/** How many calls of the mix the server answers in a second when there is always a next one. */
async function measureCapacity(load: MixedLoad): Promise<number> {
  const endAt = performance.now() + CAPACITY_SECONDS * 1000;
  let answered = 0;
  await Promise.all(
    Array.from({ length: CAPACITY_CALLERS }, async () => {
      while (performance.now() < endAt) {
        if ((await load.next().call()) !== 'RESOURCE_EXHAUSTED') {
          answered += 1;
        }
      }
    }),
  );
  return answered / CAPACITY_SECONDS;
}

async function soak(
  target: Target,
  { pid, logFile }: { pid: number; logFile: string },
  seconds: number,
): Promise<LoadFigures> {
  const load = new MixedLoad(target, HOSTNAME, 'loaded');
  const warming = new MixedLoad(target, HOSTNAME, 'warming');
  const alone = new MixedLoad(target, HOSTNAME, 'alone');
  try {
    await measureCapacity(warming);
    const unloaded = await timesOf('alone', await measureUnloaded(alone), logFile);
    const capacityPerSecond = await measureCapacity(warming);
    warming.close();
    alone.close();
    const offeredPerSecond = OVERLOAD * capacityPerSecond;
    say(
      `alone, a call takes ${unloaded.server.p99.toFixed(0)} ms (p99 in the server); ` +
        `capacity is ${capacityPerSecond.toFixed(0)} calls a second`,
    );
    say(`offering ${offeredPerSecond.toFixed(0)} a second for ${seconds} s`);
    const before = figuresOf(pid);
    const counts: Counts = {};
    const answeredMs: number[] = [];
    const pending = new Set<Promise<void>>();
    const samples: ProcessFigures[] = [];
    let lost = 0;
    let calls = 0;
    const startedAt = performance.now();
    const isWarm = () => performance.now() - startedAt > WARM_UP_SHARE * seconds * 1000;
    const sampler = setInterval(() => {
      if (isWarm()) {
        samples.push(figuresOf(pid));
      }
    }, SAMPLE_MS);
    const begin = async () => {
      const kind = load.next();
      calls += 1;
      const at = performance.now();
      const outcome = await kind.call();
      const ofKind = (counts[kind.name] ??= {});
      ofKind[outcome] = (ofKind[outcome] ?? 0) + 1;
      if (isPlain(kind.name) && outcome === 'OK' && isWarm()) {
        answeredMs.push(performance.now() - at);
      }
      if (outcome !== 'RESOURCE_EXHAUSTED' && !kind.right.includes(outcome)) {
        lost += 1;
      }
    };
    while (performance.now() - startedAt < seconds * 1000) {
      // As many as are due by now, whatever became of those before: callers do not wait for one another.
      const due = ((performance.now() - startedAt) / 1000) * offeredPerSecond;
      while (calls < due) {
        const call: Promise<void> = begin().finally(() => pending.delete(call));
        pending.add(call);
      }
      await delay(5);
    }
    await Promise.all(pending);
    clearInterval(sampler);
    load.close();
    await delay(5000);
    const memory = samples.map(({ memoryKb }) => memoryKb);
    const first = samples.slice(0, Math.max(1, Math.floor(samples.length / 3)));
    const mb = (of: readonly number[]) => Math.round(quantile(of, 0.5) / 1024);
    return {
      capacityPerSecond,
      offeredPerSecond,
      calls,
      counts,
      lost,
      unloaded,
      accepted: await timesOf('loaded', answeredMs, logFile),
      memoryGrowth: growth(memory),
      memoryMb: { afterWarmUp: mb(memory.slice(0, first.length)), end: mb(memory.slice(-first.length)) },
      threadsAfterWarmUp: Math.max(...first.map(({ threads }) => threads)),
      before,
      after: figuresOf(pid),
    };
  } finally {
    for (const each of [warming, alone, load]) {
      each.close();
    }
  }
}

/** Sentences about what is not as it should be. */
function problemsOf(figures: LoadFigures): string[] {
  const { lost, memoryGrowth, accepted, unloaded, threadsAfterWarmUp, before, after } = figures;
  const problems: [boolean, string][] = [
    [lost > 0, `${lost} calls were neither answered nor refused`],
    [memoryGrowth > MAX_GROWTH, `memory grew by ${(memoryGrowth * 100).toFixed(1)} % after warm-up`],
    [
      accepted.server.p99 > MAX_LATENCY_RATIO * unloaded.server.p99,
      `accepted calls took ${accepted.server.p99.toFixed(0)} ms (p99), more than ${MAX_LATENCY_RATIO} times ${unloaded.server.p99.toFixed(0)} ms`,
    ],
    // What the load's own connections held is closed by now.
    [
      after.fileDescriptors > before.fileDescriptors,
      `${after.fileDescriptors - before.fileDescriptors} file descriptors leaked`,
    ],
    [
      after.threads > threadsAfterWarmUp + LATE_THREADS,
      `${after.threads - threadsAfterWarmUp} threads leaked`,
    ],
  ];
  return problems.filter(([is]) => is).map(([, sentence]) => sentence);
}

function describe(figures: LoadFigures): void {
  for (const [kind, counts] of Object.entries(figures.counts)) {
    const parts = Object.entries(counts).map(([outcome, count]) => `${outcome} ${count}`);
    say(`${kind}: ${parts.join(', ')}`);
  }
  const { memoryMb, memoryGrowth, before, after } = figures;
  for (const [what, { server, caller }] of [
    ['alone', figures.unloaded],
    ['under load', figures.accepted],
  ] as const) {
    const ms = ({ p50, p99 }: Times['server']) => `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`;
    say(`answered ${what}: ${ms(server)} in the server; ${ms(caller)} as its callers see it`);
  }
  say(
    `memory: ${memoryMb.afterWarmUp} MB after warm-up, ${memoryMb.end} MB at the end (${(memoryGrowth * 100).toFixed(1)} %)`,
  );
  say(
    `file descriptors: ${before.fileDescriptors} before, ${after.fileDescriptors} after; threads: ${figures.threadsAfterWarmUp} after warm-up, ${after.threads} at the end`,
  );
}

async function idle(
  what: string,
  target: IdleTarget,
  pid: number,
  connections: number,
): Promise<IdleFigures> {
  const figures = await openIdleConnections(target, pid, connections);
  const { opened, asked, kbEach, goodCalls, calls, leftOver } = figures;
  say(
    `${opened} idle ${what} connections of ${asked}: ${kbEach.toFixed(0)} kB each, good calls ${goodCalls} of ${calls}, ` +
      `${leftOver} file descriptors left after`,
  );
  return figures;
}

/** What the server with TLS and keys does with all of it. */
async function withTls(
  folder: string,
  seconds: number,
  connections: number,
): Promise<{ load: LoadFigures; idleTls: IdleFigures }> {
  const keys = {
    primaryKey: randomBytes(24).toString('base64url'),
    secondaryKey: randomBytes(24).toString('base64url'),
  };
  const server = await serve(folder, 'soak', sampleServiceDefinition(), keys, OPTIONS);
  try {
    const { address, pid, certificateFile, logFile } = server.served;
    const target = { address, root: await readFile(certificateFile, 'utf8'), key: keys.primaryKey };
    const load = await soak(target, { pid, logFile }, seconds);
    describe(load);
    return { load, idleTls: await idle('TLS', target, pid, connections) };
  } finally {
    await server.stop();
  }
}

async function withoutTls(folder: string, connections: number): Promise<IdleFigures> {
  const server = await serve(folder, 'plaintext', sampleServiceDefinition(), undefined, OPTIONS);
  try {
    const { address, pid } = server.served;
    return await idle('plaintext', { address }, pid, connections);
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '600' },
      connections: { type: 'string', default: '10000' },
      json: { type: 'string' },
    },
  });
  delete process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-soak-'));
  const connections = Number(values.connections);
  try {
    const { load, idleTls } = await withTls(folder, Number(values.seconds), connections);
    const idlePlaintext = await withoutTls(folder, connections);
    const problems = [...problemsOf(load), ...idleTls.problems, ...idlePlaintext.problems];
    for (const problem of problems) {
      say(`NOT AS IT SHOULD BE: ${problem}`);
    }
    if (values.json !== undefined) {
      const figures = { load, idleTls, idlePlaintext, problems };
      await writeFile(values.json, `${JSON.stringify(figures, undefined, 2)}\n`);
    }
    process.exitCode = problems.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void main();
