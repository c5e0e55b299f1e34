import { parseCpuMax, sizeWorkers, thisMachine } from '../../../lib/server/pipeline/worker/worker-sizing';

const GIBIBYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;

describe('the number of workers', () => {
  it.each([
    [1, { workers: 1, firstThreads: 1, otherThreads: 1 }],
    [2, { workers: 2, firstThreads: 2, otherThreads: 1 }],
    [8, { workers: 8, firstThreads: 8, otherThreads: 1 }],
    [32, { workers: 8, firstThreads: 8, otherThreads: 4 }],
  ])('is one per core up to 8, and more cores are more threads: %i cores', (cores, expected) => {
    expect(sizeWorkers(12 * MEBIBYTE, { cores, memoryBytes: 64 * GIBIBYTE })).toEqual(expected);
  });

  it('is what fits into half of the memory, at least one', () => {
    const machine = { cores: 8, memoryBytes: 2 * GIBIBYTE };
    expect(sizeWorkers(50 * MEBIBYTE, machine)).toEqual({ workers: 3, firstThreads: 8, otherThreads: 2 });
    expect(sizeWorkers(900 * MEBIBYTE, machine).workers).toBe(1);
  });

  it('is the number that the user sets, whatever the memory', () => {
    const machine = { cores: 4, memoryBytes: GIBIBYTE };
    expect(sizeWorkers(900 * MEBIBYTE, machine, 3)).toEqual({ workers: 3, firstThreads: 4, otherThreads: 1 });
  });
});

describe('the cores that a control group may use', () => {
  it.each([
    ['max 100000\n', Infinity],
    ['200000 100000\n', 2],
    ['150000 100000', 2],
    ['50000 100000', 1],
    ['', Infinity],
    ['something else', Infinity],
  ])('are read from %j', (text, cores) => {
    expect(parseCpuMax(text)).toBe(cores);
  });

  it('are at least one here', () => {
    expect(thisMachine().cores).toBeGreaterThanOrEqual(1);
    expect(thisMachine().memoryBytes).toBeGreaterThan(0);
  });
});
