import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { TerraformStack, TerraformVariable, Token } from 'cdktf';

import {
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  ServiceDefinition,
  SmokeTest,
  SslSettings,
  Stage,
  type SmokeTestProps,
} from '../../../constructs';
import { FakeOnlineEndpoint, FakeWebservice } from '../../../constructs/testing';
import { parseTestFile } from '../../../lib/smoke-test/parse-options';
import { onnxModel } from '../../server/pipeline/support/onnx-model';
import { refusal } from '../support/messages';
import { replaced, Synthesized } from '../support/synthesized';
import { TestProject } from '../support/test-project';

describe('a smoke test', () => {
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject();
  });

  afterEach(() => {
    project.leave();
  });

  function declare(
    props: Partial<SmokeTestProps> = {},
    { stack = project.stack(), labels = 'cat\ndog\ntiger cat\n', ssl = SslSettings.disabled() } = {},
  ): TerraformStack {
    const model = new RegisteredModel(stack, 'Model', {
      workspace: new LocalWorkspace(stack, 'Workspace'),
      name: 'pets',
      serviceDefinition: project.definition({ labels }),
    });
    const service = new BrainwaveWebservice(stack, 'Service', { model, ssl, compute: new LocalCompute() });
    const { samples = [Sample.image(project.image())] } = props;
    new SmokeTest(stack, 'SmokeTest', { service, ...props, samples });
    return stack;
  }

  function specification(stack: TerraformStack): unknown {
    const [{ name, when, specification: specified }] = new Synthesized(stack).steps('SmokeTest/Run');
    expect([name, when]).toEqual(['smoke-test', 'create']);
    return specified;
  }

  /** As the registry has it: the first digits of the content's hash. */
  const modelVersion = expect.stringMatching(/^[0-9a-f]{12}$/) as string;
  const revision = expect.stringMatching(/^\$\{terraform_data\.Service_Configuration_\w+\.id\}$/) as string;
  const asset = (id: string, file: string) =>
    expect.stringMatching(new RegExp(`^assets/SmokeTest_${id}_\\w+/[0-9a-f]{64}/${file}$`)) as string;

  it('expects any probabilities by default', () => {
    expect(specification(declare())).toEqual({
      test: {
        target: {
          protocol: 'grpc',
          host: '127.0.0.1',
          port: 50_051,
          plaintext: true,
          modelName: 'pets',
          modelVersion,
        },
        samples: [{ path: asset('Sample', 'cat\\.png') }],
        labelsFile: asset('Labels', 'labels\\.txt'),
        readyTimeoutSeconds: 300,
        revision,
      },
      reportFile: '.cdktf-brainwave/reports/stack-smoke-test.json',
    });
  });

  it('asks a model with several outputs for the one that is named', () => {
    expect(specification(declare({ outputName: 'scores' }))).toMatchObject({
      test: { target: { outputName: 'scores' } },
    });
  });

  it('applies every property', () => {
    writeFileSync(path.join(project.folder, 'baseline.json'), '{}');
    const stack = declare(
      {
        samples: [
          Sample.image(project.image('images/my dog.jpg')),
          Sample.image(project.image('images/fox.jpg'), { expect: { classIndex: 2, top: 2 } }),
        ],
        expect: { label: 'pug', classIndex: 1, top: 3, minimumProbability: 0.5 },
        labels: ['cat', 'pug', 'fox'],
        baseline: { file: 'baseline.json', tolerance: 0.1 },
        warmCalls: { count: 20, durationSeconds: 3, concurrency: 4, warmUp: 2 },
        latencyBudget: { p50Ms: 50, p95Ms: 100, p99Ms: 200, minimumRequestsPerSecond: 10 },
        minimumDaysToExpiry: 14,
        resolvers: ['1.1.1.1'],
        readyTimeoutSeconds: 20,
        callTimeoutSeconds: 8,
        reportFile: 'reports/dog.json',
        reports: ['reports/dog.xml', path.join(project.folder, 'reports/dog.html')],
      },
      { ssl: SslSettings.selfSigned({ hostname: 'pets.localhost' }) },
    );
    expect(specification(stack)).toEqual({
      test: {
        target: {
          protocol: 'grpc',
          host: 'pets.localhost',
          port: 50_051,
          connectTo: '127.0.0.1',
          rootCertificateFile: '.cdktf-brainwave/services/stack-service/trusted-roots.pem',
          modelName: 'pets',
          modelVersion,
          plaintext: false,
          keyFile: '.cdktf-brainwave/services/stack-service/keys.json',
        },
        samples: [
          { path: asset('Sample', 'my dog\\.jpg') },
          { path: asset('Sample2', 'fox\\.jpg'), expect: { classIndex: 2, top: 2 } },
        ],
        labelsFile: asset('Labels', 'labels\\.txt'),
        expect: { label: 'pug', classIndex: 1, top: 3, minimumProbability: 0.5 },
        resolvers: ['1.1.1.1'],
        readyTimeoutSeconds: 20,
        callTimeoutSeconds: 8,
        revision,
        minimumDaysToExpiry: 14,
        warmCalls: { count: 20, durationSeconds: 3, concurrency: 4, warmUp: 2 },
        latencyBudget: { p50Ms: 50, p95Ms: 100, p99Ms: 200, minimumRequestsPerSecond: 10 },
        baseline: { file: 'baseline.json', tolerance: 0.1 },
      },
      reportFile: 'reports/dog.json',
      reports: ['reports/dog.xml', 'reports/dog.html'],
    });
  });

  it('is a test that the step at apply can read', () => {
    const { test } = specification(declare()) as { test: unknown };
    expect(() => parseTestFile(test)).not.toThrow();
  });

  it('runs again when the baseline changes', () => {
    const file = path.join(project.folder, 'baseline.json');
    writeFileSync(file, '{}');
    const before = new Synthesized(declare({ baseline: { file } }));
    writeFileSync(file, '{"samples": {}}');

    expect(replaced(before, new Synthesized(declare({ baseline: { file } })))).toEqual(['SmokeTest/Run']);
  });

  it('names classes by their number where the model has no labels', () => {
    expect(specification(declare({}, { labels: '' }))).not.toHaveProperty('test.labelsFile');
  });

  it('runs again when the image, the labels or the expectation change, and the service stays', () => {
    const before = new Synthesized(declare());
    const changes: Partial<SmokeTestProps>[] = [
      { samples: [Sample.image(project.image('images/cat.png', 'another image'))] },
      { labels: ['cat', 'dog', 'fox'] },
      { expect: { classIndex: 0 } },
      { readyTimeoutSeconds: 1 },
    ];
    for (const change of changes) {
      expect(replaced(before, new Synthesized(declare(change)))).toEqual(['SmokeTest/Run']);
    }
    expect(replaced(before, new Synthesized(declare()))).toEqual([]);
  });

  it('writes a report at an absolute path relative to the project', () => {
    const stack = declare({ reportFile: path.join(project.folder, 'reports/cat.json') });
    expect(specification(stack)).toMatchObject({ reportFile: 'reports/cat.json' });
  });

  it('compares no expectation that is known only at apply', () => {
    const stack = project.stack();
    const label = new TerraformVariable(stack, 'label', { type: 'string' }).stringValue;
    const number = new TerraformVariable(stack, 'number', { type: 'number' }).numberValue;
    declare(
      { expect: { label, classIndex: number, minimumProbability: number }, readyTimeoutSeconds: number },
      { stack },
    );
    expect(new Synthesized(stack).json).toContain(
      '\\"expect\\":{\\"label\\":${jsonencode(var.label)},\\"classIndex\\":${jsonencode(var.number)},' +
        '\\"minimumProbability\\":${jsonencode(var.number)}},\\"readyTimeoutSeconds\\":${jsonencode(var.number)}',
    );
  });

  it('rejects an image that is missing or empty', () => {
    const test = (image: string) => declare({ samples: [Sample.image(image)] });
    expect(refusal(() => test('images/none.png'))).toBe(
      'stack/SmokeTest: the image of a sample is images/none.png, which does not exist; set a path relative to the working directory',
    );
    expect(refusal(() => test(project.folder))).toContain('which is a folder; set the path of a file');
    expect(refusal(() => test(project.write('empty.png', '')))).toBe(
      'stack/SmokeTest: the image empty.png is empty (0 bytes); expected a JPEG, PNG, WebP, GIF or TIFF',
    );
  });

  it.each([
    ['a text', 'tomato', 'text'],
    ['a page that was downloaded instead', '<!DOCTYPE html><title>Not found</title>', 'an HTML page'],
    [
      'what git leaves without git lfs',
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
      'a Git LFS pointer (run git lfs pull)',
    ],
    ['a format that the server does not decode', '\0\0\0\x20ftypheic', 'a HEIF image'],
  ])('rejects %s with the extension of an image, and says what it is', (_, content, kind) => {
    const file = project.write('images/tomato.png', content);
    expect(refusal(() => declare({ samples: [Sample.image(file)] }))).toBe(
      `stack/SmokeTest: the image images/tomato.png is ${kind}; expected a JPEG, PNG, WebP, GIF or TIFF`,
    );
  });

  it('rejects an image or labels that are known only at apply', () => {
    const later = Token.asString({ resolve: () => 'later' });
    const expected =
      'is a token that is resolved only at apply, but its value is needed at synth; pass a literal string';
    expect(refusal(() => declare({ samples: [Sample.image(later)] }))).toBe(
      `stack/SmokeTest: the image of a sample ${expected}`,
    );
    expect(refusal(() => declare({ labels: ['cat', later] }))).toBe(`stack/SmokeTest: labels ${expected}`);
    const list = Token.asList({ resolve: () => ['later'] });
    expect(refusal(() => declare({ labels: list }))).toBe(`stack/SmokeTest: labels ${expected}`);
  });

  it.each([
    [
      'lion',
      'expect.label is "lion", which is not one of the 3 labels; use one of "cat", "dog", "tiger cat"',
    ],
    ['Tiger-Cat', 'which is not one of the 3 labels; did you mean "tiger cat" or "cat"?'],
    ['dogs', 'which is not one of the 3 labels; did you mean "dog"?'],
    ['', 'which is not one of the 3 labels; use one of "cat", "dog", "tiger cat"'],
  ])('rejects the label "%s", which the model does not have', (label, expected) => {
    const message = refusal(() => declare({ expect: { label } }));
    expect(message.startsWith('stack/SmokeTest: ')).toBe(true);
    expect(message.endsWith(expected)).toBe(true);
  });

  it('rejects images where the model has no image stage', () => {
    const stack = project.stack();
    const file = project.write(
      'classifier.onnx',
      onnxModel({
        op: 'Identity',
        inputs: [{ name: 'x', shape: ['n', 3] }],
        outputs: [{ name: 'y', shape: ['n', 3] }],
      }),
    );
    const model = new RegisteredModel(stack, 'Model', {
      workspace: new LocalWorkspace(stack, 'Workspace'),
      name: 'rows',
      serviceDefinition: new ServiceDefinition({
        stages: [Stage.onnx({ name: 'classifier', path: file, inputTensor: 'x', outputTensor: 'y' })],
      }),
    });
    const service = new BrainwaveWebservice(stack, 'Service', { model, compute: new LocalCompute() });

    expect(
      refusal(() => new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] })),
    ).toBe(
      'stack/SmokeTest: the samples are images, but the model has no image stage to decode them; ' +
        'put Stage.image() before its first stage',
    );
  });

  it('rejects a label where the model has none', () => {
    expect(refusal(() => declare({ expect: { label: 'cat' } }, { labels: '' }))).toBe(
      'stack/SmokeTest: expect.label is "cat", but there are no labels; set labels, or use expect.classIndex instead',
    );
  });

  it('rejects a label of two lines', () => {
    expect(refusal(() => declare({ labels: ['cat', 'tiger\ncat'] }))).toBe(
      'stack/SmokeTest: labels[1] contains a line break; write it on one line',
    );
  });

  it.each([-0.1, 1.1, 30, NaN])('rejects the probability %d', (minimumProbability) => {
    expect(refusal(() => declare({ expect: { minimumProbability } }))).toBe(
      `stack/SmokeTest: expect.minimumProbability is ${minimumProbability}; expected a number from 0 to 1`,
    );
  });

  it.each([
    [-1, 'expected a whole number of at least 0'],
    [0.5, 'expected a whole number of at least 0'],
    [3, 'but there are 3 labels; expected a whole number from 0 to 2'],
  ])('rejects the class %d of three', (classIndex, message) => {
    const refused = refusal(() => declare({ expect: { classIndex } }));
    expect(refused).toContain(`stack/SmokeTest: expect.classIndex is ${classIndex}`);
    expect(refused).toContain(message);
  });

  it('accepts any class where the model has no labels', () => {
    expect(() => declare({ expect: { classIndex: 5000 } }, { labels: '' })).not.toThrow();
  });

  it.each([-5, NaN])('rejects a ready timeout of %d seconds', (readyTimeoutSeconds) => {
    expect(refusal(() => declare({ readyTimeoutSeconds }))).toBe(
      `stack/SmokeTest: readyTimeoutSeconds is ${readyTimeoutSeconds}; expected a number of at least 0`,
    );
  });

  it.each<[string, Partial<SmokeTestProps>, string]>([
    [
      'no class beyond the first',
      { expect: { top: 0 } },
      'expect.top is 0; expected a whole number of at least 1',
    ],
    [
      'a place for a class that is not named',
      { expect: { top: 5 } },
      'expect.top is 5, but no class is expected; set expect.label or expect.classIndex, or remove expect.top',
    ],
    [
      'an expectation of JSON',
      { expect: { argmax: 1 } },
      'expect.argmax applies only to JSON answers; for an image, use expect.label, expect.classIndex, expect.top, expect.minimumProbability, ' +
        'expect.shape, expect.minimumValue, expect.maximumValue',
    ],
    [
      'a request',
      { samples: [Sample.data([[1]])] },
      'samples[0] is not an image; use Sample.image(…) for a web service',
    ],
    ['no sample', { samples: [] }, 'samples is empty; set at least one'],
    [
      'a misspelled expectation',
      { expect: { labl: 'cat' } as object },
      'unknown property expect.labl; did you mean expect.label?',
    ],
    [
      'a misspelled option',
      { latencyBudgets: { p95Ms: 1 } } as object,
      'unknown property latencyBudgets; did you mean latencyBudget?',
    ],
    [
      'a misspelled limit',
      { latencyBudget: { p95: 1 } as object },
      'unknown property latencyBudget.p95; did you mean latencyBudget.p95Ms?',
    ],
    [
      'a misspelled field of the baseline',
      { baseline: { file: 'baseline.json', tolerence: 1 } as { file: string } },
      'unknown property baseline.tolerence; did you mean baseline.tolerance?',
    ],
    [
      'half a call',
      { warmCalls: { count: 0.5 } },
      'warmCalls.count is 0.5; expected a whole number of at least 0',
    ],
    [
      'no call at once',
      { warmCalls: { concurrency: 0 } },
      'warmCalls.concurrency is 0; expected a whole number of at least 1',
    ],
    [
      'less than no warm-up',
      { warmCalls: { warmUp: -1 } },
      'warmCalls.warmUp is -1; expected a whole number of at least 0',
    ],
    [
      'no time to call',
      { warmCalls: { durationSeconds: 0 } },
      'warmCalls.durationSeconds is 0; expected a number greater than 0',
    ],
    [
      'a budget of nothing',
      { latencyBudget: { p95Ms: 0 } },
      'latencyBudget.p95Ms is 0; expected a number greater than 0',
    ],
    [
      'a report of no known format',
      { reports: ['report.pdf'] },
      'reports contains "report.pdf", which has an unsupported extension; use one of .json, .xml, .html, .htm, .prom',
    ],
    [
      'days of a certificate that is not there',
      { minimumDaysToExpiry: 14 },
      'minimumDaysToExpiry is 14, but without TLS there is no certificate; remove it, or call the service with TLS',
    ],
    [
      'days before now',
      { minimumDaysToExpiry: -1 },
      'minimumDaysToExpiry is -1; expected a number of at least 0',
    ],
    [
      'a baseline that is not there',
      { baseline: { file: 'none.json' } },
      'the baseline none.json does not exist; record it with "cdktf-brainwave smoke-test --update-baseline" and commit it',
    ],
  ])('rejects %s', (_, props, message) => {
    expect(refusal(() => declare(props))).toBe(`stack/SmokeTest: ${message}`);
  });

  it('rejects images with the same name, which a baseline cannot distinguish', () => {
    writeFileSync(path.join(project.folder, 'baseline.json'), '{}');
    const samples = ['a/cat.png', 'b/cat.png'].map((name) => Sample.image(project.image(name)));
    expect(() => declare({ samples })).not.toThrow();
    expect(refusal(() => declare({ samples, baseline: { file: 'baseline.json' } }))).toContain(
      'have the same file name, by which the baseline identifies them; rename one of them',
    );
  });

  it('rejects a test without a service, or with two', () => {
    const stack = project.stack();
    const image = project.image();
    expect(refusal(() => new SmokeTest(stack, 'None', { samples: [Sample.image(image)] }))).toBe(
      'stack/None: neither service nor endpoint is set; set the one to test',
    );
    const service = new FakeWebservice(stack, 'Service');
    const endpoint = new FakeOnlineEndpoint(stack, 'Endpoint');
    expect(
      refusal(() => new SmokeTest(stack, 'Both', { service, endpoint, samples: [Sample.image(image)] })),
    ).toBe('stack/Both: service and endpoint are both set; declare a separate smoke test for each');
    const untyped = { service } as unknown as SmokeTestProps;
    expect(refusal(() => new SmokeTest(stack, 'NoSample', untyped))).toBe(
      "stack/NoSample: samples is missing; set samples: [Sample.image('…')]",
    );
    expect(refusal(() => new SmokeTest(stack, 'Image', { endpoint, samples: [Sample.image(image)] }))).toBe(
      'stack/Image: samples[0] is not a request; use Sample.request(…) or Sample.data(…) for an online endpoint',
    );
    expect(
      refusal(
        () => new SmokeTest(stack, 'Labels', { endpoint, samples: [Sample.data([[1]])], labels: ['cat'] }),
      ),
    ).toBe('stack/Labels: labels apply only to web services; remove them');
    expect(
      refusal(
        () => new SmokeTest(stack, 'Label', { endpoint, samples: [Sample.data([[1]])], expect: { top: 5 } }),
      ),
    ).toBe(
      'stack/Label: expect.top applies only to images; for a JSON answer, use expect.jsonPath, expect.equalTo, expect.argmax',
    );
  });
});
