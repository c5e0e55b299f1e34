import { RequestBatcher, type BatchedCall } from '../../../../lib/server/pipeline/batching/request-batcher';
import type { FloatTensor } from '../../../../lib/wire/tensor';

/** Longer than any test: only a full batch is sent. */
const NEVER_MS = 600_000;

class NegativeError extends Error {}

let calls: BatchedCall<string>[];

/** A batcher whose device doubles each number and refuses negative ones. */
function start(delayMs = NEVER_MS, before: Promise<void> = Promise.resolve()): RequestBatcher<string> {
  calls = [];
  return new RequestBatcher<string>({
    delayMs,
    run: async (call) => {
      calls.push(call);
      await before;
      const { shape, data } = call.tensor;
      if (data.some((value) => value < 0)) {
        throw new NegativeError('negative');
      }
      if (data.includes(Infinity)) {
        throw new Error('the device fell off the bus');
      }
      return { shape, data: data.map((value) => value * 2) };
    },
    mayConcernOne: (error) => error instanceof NegativeError,
  });
}

function rows(...values: readonly number[]): FloatTensor {
  return { shape: [values.length, 1], data: Float32Array.from(values) };
}

function rowsSent(): readonly number[][] {
  return calls.map(({ tensor }) => [...tensor.data]);
}

test('requests share a call, and each gets its own rows, in order', async () => {
  const batcher = start();
  const answers = await Promise.all([
    batcher.run(rows(1), 'a', 4),
    batcher.run(rows(2, 3), 'b', 4),
    batcher.run(rows(4), 'c', 4),
  ]);
  expect(rowsSent()).toEqual([[1, 2, 3, 4]]);
  expect(calls[0].contexts).toEqual(['a', 'b', 'c']);
  expect(answers).toEqual([rows(2), rows(4, 6), rows(8)]);
});

test('a batch that is not full is sent after the delay', async () => {
  const batcher = start(1);
  await expect(batcher.run(rows(1), 'a', 4)).resolves.toEqual(rows(2));
});

test('a request that does not fit any more begins the next batch', async () => {
  const batcher = start();
  const answers = await Promise.all([
    batcher.run(rows(1, 2), 'a', 3),
    batcher.run(rows(3, 4), 'b', 3),
    batcher.run(rows(5), 'c', 3),
  ]);
  expect(rowsSent()).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  expect(answers).toEqual([rows(2, 4), rows(6, 8), rows(10)]);
});

test('rows of different shapes are not merged', async () => {
  const batcher = start();
  const wide = { shape: [1, 2], data: Float32Array.of(7, 8) };
  const answers = Promise.all([
    batcher.run(rows(1), 'a', 2),
    batcher.run(wide, 'b', 2),
    batcher.run(rows(2), 'c', 2),
    batcher.run(wide, 'd', 2),
  ]);
  await answers;
  expect(rowsSent()).toEqual([
    [1, 2],
    [7, 8, 7, 8],
  ]);
});

test('what is wrong with one request fails that one only', async () => {
  const batcher = start();
  const outcomes = await Promise.allSettled([
    batcher.run(rows(1), 'a', 3),
    batcher.run(rows(-2), 'b', 3),
    batcher.run(rows(3), 'c', 3),
  ]);
  expect(outcomes).toMatchObject([
    { value: rows(2) },
    { status: 'rejected', reason: { message: 'negative' } },
    { value: rows(6) },
  ]);
  expect(rowsSent()).toEqual([[1, -2, 3], [1], [-2], [3]]);
});

test('what is wrong with the device fails all, and is not tried again', async () => {
  const batcher = start();
  const outcomes = await Promise.allSettled([
    batcher.run(rows(1), 'a', 2),
    batcher.run(rows(Infinity), 'b', 2),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(calls).toHaveLength(1);
});

test('a request that is aborted while it waits is not sent', async () => {
  const batcher = start();
  const abort = new AbortController();
  const aborted = batcher.run(rows(1), 'a', 3, abort.signal);
  abort.abort(new Error('given up'));
  await expect(aborted).rejects.toThrow('given up');
  await expect(batcher.run(rows(2, 3), 'b', 3)).resolves.toEqual(rows(4, 6));
  expect(rowsSent()).toEqual([[2, 3]]);
});

test('a call is abandoned only when all of its requests are aborted', async () => {
  let answer: () => void = () => undefined;
  const batcher = start(
    NEVER_MS,
    new Promise<void>((resolve) => {
      answer = resolve;
    }),
  );
  const [first, second] = [new AbortController(), new AbortController()];
  const outcomes = [batcher.run(rows(1), 'a', 2, first.signal), batcher.run(rows(2), 'b', 2, second.signal)];
  first.abort(new Error('given up'));
  await expect(outcomes[0]).rejects.toThrow('given up');
  expect(calls[0].signal.aborted).toBe(false);
  second.abort(new Error('given up, too'));
  await expect(outcomes[1]).rejects.toThrow('given up, too');
  expect(calls[0].signal.aborted).toBe(true);
  answer();
});
