import { execFileSync } from 'node:child_process';
import path from 'node:path';

import fc from 'fast-check';
import { unzipSync } from 'fflate';

import { readServiceDefinition, writeServiceDefinition } from '../../lib/service-definition';
import type { ServiceDefinitionContent } from '../../lib/service-definition';
import type { ServiceDefinitionJson, StageJson } from '../../lib/service-definition/service-definition-json';

const content: ServiceDefinitionContent = {
  definition: {
    aml_runtime_version: '1.0',
    pipeline: [
      {
        type: 'onnx',
        name: 'classifier',
        model_path: 'classifier/model.onnx',
        input_tensor: 'x',
        output_tensor: 'y',
      },
    ],
  },
  files: new Map([['classifier/model.onnx', Uint8Array.of(1, 2, 3)]]),
  labels: ['cat', 'dog'],
};

function definitionText(zip: Uint8Array): string {
  return Buffer.from(unzipSync(zip)['service_def.json'] ?? '').toString('utf8');
}

describe('the zip of a service definition', () => {
  it('has sorted keys, whatever order they were given in', () => {
    const [stage] = content.definition.pipeline;
    const turned = Object.fromEntries(Object.entries(stage).reverse()) as StageJson;
    const zip = writeServiceDefinition({
      ...content,
      definition: { pipeline: [turned], aml_runtime_version: '1.0' },
    });
    expect(Buffer.from(zip).equals(writeServiceDefinition(content))).toBe(true);
    expect(definitionText(zip)).toBe(`{
  "aml_runtime_version": "1.0",
  "pipeline": [
    {
      "input_tensor": "x",
      "model_path": "classifier/model.onnx",
      "name": "classifier",
      "output_tensor": "y",
      "type": "onnx"
    }
  ]
}
`);
  });

  it('has its entries in the same order, whatever order the files were given in', () => {
    const files: [string, Uint8Array][] = [
      ['b/model', Uint8Array.of(1)],
      ['a/model', Uint8Array.of(2)],
    ];
    const zips = [files, [...files].reverse()].map((each) =>
      writeServiceDefinition({ ...content, files: new Map(each) }),
    );
    expect(zips[0]).toEqual(zips[1]);
  });

  it('contains no null and no undefined', () => {
    const [stage] = content.definition.pipeline;
    const definition = {
      ...content.definition,
      pipeline: [{ ...stage, software: undefined, extra: null }],
    } as unknown as ServiceDefinitionJson;
    expect(definitionText(writeServiceDefinition({ ...content, definition }))).not.toMatch(
      /null|undefined|extra|software/,
    );
  });

  it('is the same in every time zone and at every time', () => {
    const module = path.resolve(__dirname, '../../dist/lib/service-definition');
    const program = `
      const { writeServiceDefinition } = require(process.argv[1]);
      const definition = { aml_runtime_version: '1.0', pipeline: [{ type: 'image', name: 'image' }] };
      const zip = writeServiceDefinition({ definition, files: new Map([['a/b', new Uint8Array(9)]]), labels: ['x'] });
      process.stdout.write(Buffer.from(zip).toString('hex'));`;
    const zones = ['UTC', 'Pacific/Kiritimati', 'Pacific/Niue', 'America/New_York', 'Asia/Kathmandu'];
    const zips = zones.map((TZ) =>
      execFileSync(process.execPath, ['-e', program, module], { env: { TZ } }).toString(),
    );
    expect(new Set(zips).size).toBe(1);
    expect(zips[0]).toMatch(/^504b0304/);
  });

  it('reads back what was written', async () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
    const file = fc.tuple(name, name).map(([folder, base]) => `${folder}/${base}.onnx`);
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
    const label = fc.stringMatching(/^[^\s]([^\r\n]{0,10}[^\s])?$/u);
    const stage = fc.record({
      stageName: text,
      model: file,
      input: text,
      output: text,
      bytes: fc.uint8Array(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(stage, { minLength: 1, maxLength: 4, selector: ({ model }) => model }),
        fc.option(fc.array(label, { minLength: 1, maxLength: 5 }), { nil: undefined }),
        async (stages, labels) => {
          const written: ServiceDefinitionContent = {
            definition: {
              aml_runtime_version: '1.0',
              pipeline: stages.map(({ stageName, model, input, output }) => ({
                type: 'onnx',
                name: stageName,
                model_path: model,
                input_tensor: input,
                output_tensor: output,
              })),
            },
            files: new Map(stages.map(({ model, bytes }) => [model, bytes])),
            ...(labels && { labels }),
          };
          const read = await readServiceDefinition(writeServiceDefinition(written));
          expect(read.definition).toEqual(written.definition);
          expect(read.labels).toEqual(written.labels);
          expect([...read.files.keys()].sort()).toEqual([...written.files.keys()].sort());
          for (const [entry, bytes] of written.files) {
            expect(Buffer.from(read.files.get(entry) ?? []).equals(bytes)).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
