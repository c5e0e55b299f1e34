import { Pipeline, type AcceleratorOptions, type PipelineInput } from '../../../lib/server';
import { sampleDefinition, sampleImage } from '../../server/pipeline/support/sample';
import { temporaryFolder } from '../../support/temporary-folder';
import { until } from '../../support/until';
import { modelServers, run, type RunningServer } from './model-server';

/** Interpreters of the prepared environments by server; run.ts says which servers it leaves out, and why. */
const interpreters = JSON.parse(process.env.INTEROP_MODEL_SERVERS ?? '{}') as Record<string, string>;

function images(count: number): PipelineInput {
  const names = ['chelsea.png', 'coffee.png', 'rocket.jpg'] as const;
  return {
    kind: 'images',
    images: Array.from({ length: count }, (_, index) => sampleImage(names[index % 3])),
  };
}

let software: Pipeline;

beforeAll(async () => {
  software = await Pipeline.load(sampleDefinition(), { workers: 1 });
});

afterAll(async () => {
  await software.close();
});

describe.each(Object.entries(interpreters))('%s as an accelerator', (name, python) => {
  let accelerator: AcceleratorOptions;
  let server: RunningServer;
  let accelerated: Pipeline;
  let removeFolder: () => Promise<void>;

  const load = (options: Partial<AcceleratorOptions> = {}) =>
    Pipeline.load(sampleDefinition(), { workers: 1, accelerator: { ...accelerator, ...options } });

  beforeAll(async () => {
    const folder = await temporaryFolder();
    removeFolder = () => folder.remove();
    const prepared = await modelServers[name](python, folder.path);
    ({ accelerator } = prepared);
    server = run(prepared, folder.path);
    accelerated = await load();
    await until(() => accelerated.problem === undefined || server.failure() !== undefined, 120_000);
    const failure = server.failure();
    if (failure !== undefined) {
      throw new Error(failure);
    }
  });

  afterAll(async () => {
    await accelerated.close();
    await server.stop();
    await removeFolder();
  });

  it.each([1, 15, 64])('answers as the software does: a batch of %d', async (count) => {
    const got = await accelerated.score(images(count));
    const expected = await software.score(images(count));
    expect(got.shape).toEqual([count, 1000]);
    const differences = got.data.map((value, index) => Math.abs(value - expected.data[index]));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  it('is reported by the names that were tried if it has no such model', async () => {
    const other = await load({ modelName: 'other', modelVersion: '7' });
    try {
      expect(other.problem?.problem).toMatch(
        /^the accelerator has (no|not loaded the) model 'other' \(version '7'\); .* set modelName and modelVersion/,
      );
    } finally {
      await other.close();
    }
  });
});
