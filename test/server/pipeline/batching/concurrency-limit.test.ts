import { ConcurrencyLimit } from '../../../../lib/server/pipeline/batching/concurrency-limit';

test('runs a limited number concurrently, the others in order, and continues after a failure', async () => {
  const limit = new ConcurrencyLimit(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const runs = [0, 1, 2, 3].map((index) =>
    limit.run(async () => {
      begun.push(index);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (index === 0) {
        throw new Error('failed');
      }
      return index;
    }),
  );
  expect(begun).toEqual([0, 1]);
  ends[0]();
  await expect(runs[0]).rejects.toThrow('failed');
  expect(begun).toEqual([0, 1, 2]);
  ends[1]();
  ends[2]();
  await Promise.all([runs[1], runs[2]]);
  ends[3]();
  await expect(runs[3]).resolves.toBe(3);
});

test('does not start a task that was aborted while waiting', async () => {
  const limit = new ConcurrencyLimit(1);
  let end = (): void => undefined;
  const running = limit.run(() => new Promise<void>((resolve) => (end = resolve)));
  const waiting = limit.run(
    () => Promise.reject(new Error('was begun')),
    AbortSignal.abort(new Error('gone')),
  );
  end();
  await running;
  await expect(waiting).rejects.toThrow('gone');
  await expect(limit.run(() => Promise.resolve('next'))).resolves.toBe('next');
});
