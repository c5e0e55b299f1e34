import fc from 'fast-check';

import { readCorpus } from './corpus';
import { mutate, seededRandom } from './mutate';
import { TARGETS, type Target } from './targets';
import { fuzz as baseline } from './targets/baseline';
import { fuzz as certificate } from './targets/certificate';
import { fuzz as checkpoint } from './targets/checkpoint';
import { fuzz as example } from './targets/example';
import { fuzz as graphDef } from './targets/graph-def';
import { fuzz as metaGraph } from './targets/meta-graph';
import { fuzz as outputs } from './targets/outputs';
import { fuzz as report } from './targets/report';
import { fuzz as savedModel } from './targets/saved-model';
import { fuzz as sdkDefinition } from './targets/sdk-definition';
import { fuzz as serviceDefinition } from './targets/service-definition';
import { fuzz as smokeTestFile } from './targets/smoke-test-file';
import { fuzz as tensorProto } from './targets/tensor-proto';
import { fuzz as workspaceConfig } from './targets/workspace-config';

const fuzzers: Record<Target, (data: Buffer) => Promise<void>> = {
  'service-definition': serviceDefinition,
  'sdk-definition': sdkDefinition,
  checkpoint,
  'meta-graph': metaGraph,
  'saved-model': savedModel,
  'graph-def': graphDef,
  'tensor-proto': tensorProto,
  example,
  certificate,
  report,
  'workspace-config': workspaceConfig,
  outputs,
  'smoke-test-file': smokeTestFile,
  baseline,
};

describe.each(TARGETS)('%s', (target) => {
  it('reads or rejects each input of its corpus, those that once broke it among them', async () => {
    const fuzz = fuzzers[target];
    const corpus = readCorpus(target);

    expect(corpus.length).toBeGreaterThan(0);
    for (const { name, data } of corpus) {
      await expect(Promise.resolve(fuzz(data)).then(() => name)).resolves.toBe(name);
    }
  });

  it('reads or rejects any damaged input', async () => {
    const fuzz = fuzzers[target];
    const corpus = readCorpus(target);

    const checked = fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (which, seed) => {
        await fuzz(mutate(corpus[which % corpus.length].data, seededRandom(seed)));
      }),
      { numRuns: 200 },
    );

    await expect(checked).resolves.toBeUndefined();
  });

  it('reads or rejects any bytes', async () => {
    const fuzz = fuzzers[target];

    const checked = fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary' })),
        async (input) => {
          await fuzz(Buffer.from(input as string));
        },
      ),
      { numRuns: 100 },
    );

    await expect(checked).resolves.toBeUndefined();
  });
});
