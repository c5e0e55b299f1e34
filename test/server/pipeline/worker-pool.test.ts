import path from 'node:path';

import { WorkerPool } from '../../../lib/server/pipeline/worker/worker-pool';

const [MAY_START, OPEN, ARRIVED] = [0, 1, 2];

let gate: Int32Array;
let pool: WorkerPool<string>;

/** No test of others than hanging threads takes so long. */
const PATIENT_MS = 600_000;

function start(size: number, maxRunMs = PATIENT_MS, closeMs = PATIENT_MS): Promise<WorkerPool<string>> {
  const entry = path.join(__dirname, 'support/gated-worker.cjs');
  return WorkerPool.start<string>({ entry, start: () => ({ gate: gate.buffer }), size, maxRunMs, closeMs });
}

function run(value: number, signal?: AbortSignal): Promise<number> {
  const tensor = { shape: [1], data: Float32Array.of(value) };
  return pool.run(tensor, signal).then((result) => result.tensor.data[0]);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function open(): void {
  Atomics.store(gate, OPEN, 1);
  Atomics.notify(gate, OPEN);
}

beforeEach(() => {
  gate = new Int32Array(new SharedArrayBuffer(12));
  gate[MAY_START] = 1;
});
afterEach(async () => {
  open();
  await pool.close();
});

test('images reach a thread unchanged, whatever their size', async () => {
  pool = await start(2);
  const image = (length: number, byte: number) => new Uint8Array(length).fill(byte);
  const requests = [
    [image(10, 1)],
    [image(300_000, 1), image(5, 2)],
    [image(0, 1), image(7, 3)],
    [image(5_000_000, 1), image(9, 1)],
    [image(20, 2)],
  ];
  const results = await Promise.all(requests.map((images) => pool.run({ images })));
  expect(results.map(({ tensor }) => [...tensor.data])).toEqual([
    [10],
    [300_000, 10],
    [0, 21],
    [5_000_000, 9],
    [40],
  ]);
});

test('a thread that ends fails only its own request, and is replaced', async () => {
  pool = await start(1);
  const outcomes = await Promise.allSettled([run(1), run(-1), run(2), run(3)]);
  expect(outcomes).toMatchObject([
    { status: 'fulfilled', value: 2 },
    {
      status: 'rejected',
      reason: {
        code: 'WORKER_CRASHED',
        message: 'a worker thread ended while it ran the models (exit code 7); send the request again',
      },
    },
    { status: 'fulfilled', value: 4 },
    { status: 'fulfilled', value: 6 },
  ]);
});

test('other threads continue while one is replaced', async () => {
  pool = await start(2);
  const slow = run(-2);
  await until(() => gate[ARRIVED] === 1);
  await expect(run(-1)).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
  await expect(run(5)).resolves.toBe(10);
  open();
  await expect(slow).resolves.toBe(-4);
});

test('when no replacement starts, requests are rejected, until one starts again', async () => {
  pool = await start(1);
  gate[MAY_START] = 0;
  const outcomes = await Promise.allSettled([run(-1), run(1)]);
  expect(outcomes[1]).toMatchObject({
    status: 'rejected',
    reason: { code: 'WORKER_CRASHED', message: expect.stringContaining('may not start') as string },
  });
  gate[MAY_START] = 1;
  await expect(run(1)).resolves.toBe(2);
});

test('a request that is aborted in the queue never runs', async () => {
  pool = await start(1);
  const running = run(-2);
  await until(() => gate[ARRIVED] === 1);
  const controller = new AbortController();
  // It would end the thread.
  const queued = run(-1, controller.signal);
  controller.abort(new Error('gone'));
  await expect(queued).rejects.toThrow('gone');
  open();
  await expect(running).resolves.toBe(-4);
  await expect(run(4)).resolves.toBe(8);
});

test('a request that is aborted while it runs rejects at once, and its thread serves the next', async () => {
  pool = await start(1);
  const controller = new AbortController();
  const running = run(-2, controller.signal);
  await until(() => gate[ARRIVED] === 1);
  controller.abort(new Error('gone'));
  await expect(running).rejects.toThrow('gone');
  const next = run(4);
  open();
  await expect(next).resolves.toBe(8);
});

test('a pool whose threads cannot start reports why', async () => {
  pool = await start(1);
  gate[MAY_START] = 0;
  await expect(start(2)).rejects.toMatchObject({
    code: 'WORKER_CRASHED',
    message: expect.stringContaining('may not start') as string,
  });
});

test('a thread that hangs fails only its own request, and is replaced', async () => {
  pool = await start(1, 200);
  const outcomes = await Promise.allSettled([run(1), run(-2), run(2), run(3)]);
  expect(outcomes).toMatchObject([
    { status: 'fulfilled', value: 2 },
    {
      status: 'rejected',
      reason: {
        code: 'WORKER_CRASHED',
        message:
          'a worker thread ended while it ran the models (it did not respond within 200 ms); send the request again',
      },
    },
    { status: 'fulfilled', value: 4 },
    { status: 'fulfilled', value: 6 },
  ]);
});

test("a request that was aborted while it hung also releases its thread's slot", async () => {
  pool = await start(1, 200);
  const request = new AbortController();
  const hanging = run(-2, request.signal);
  await until(() => gate[ARRIVED] === 1);
  request.abort(new Error('given up'));
  await expect(hanging).rejects.toThrow('given up');
  await expect(run(2)).resolves.toBe(4);
});

test('closing does not wait for a thread that hangs', async () => {
  pool = await start(2, PATIENT_MS, 100);
  const hanging = run(-2).catch((error: unknown) => error);
  await until(() => gate[ARRIVED] === 1);
  await pool.close();
  await expect(hanging).resolves.toMatchObject({
    code: 'WORKER_CRASHED',
    message: expect.stringContaining('it did not end when the pipeline closed') as string,
  });
});

test('threads that hang in loops of JavaScript are replaced as often as it takes', async () => {
  pool = await start(1, 100);
  for (let round = 0; round < 4; round += 1) {
    await expect(run(-3)).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
  }
  await expect(run(4)).resolves.toBe(8);
});
