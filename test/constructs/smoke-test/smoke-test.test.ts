import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { TerraformStack, TerraformVariable, Token } from 'cdktf';

import {
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  SmokeTest,
  SslSettings,
  type SmokeTestProps,
} from '../../../constructs';
import { FakeOnlineEndpoint, FakeWebservice } from '../../../constructs/testing';
import { smokeTestFileSchema } from '../../../lib/smoke-test/smoke-test-file';
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
    const { image = props.images ? undefined : project.image() } = props;
    new SmokeTest(stack, 'SmokeTest', { service, ...props, ...(image !== undefined && { image }) });
    return stack;
  }

  function specification(stack: TerraformStack): unknown {
    const [{ name, when, specification: specified }] = new Synthesized(stack).steps('SmokeTest/Run');
    expect([name, when]).toEqual(['smoke-test', 'create']);
    return specified;
  }

  /** As the registry has it: the first digits of the content's hash. */
  const modelVersion = expect.stringMatching(/^[0-9a-f]{12}$/) as string;
  const asset = (id: string, file: string) =>
    expect.stringMatching(new RegExp(`^assets/SmokeTest_${id}_\\w+/[0-9a-f]{64}/${file}$`)) as string;

  it('asks for probabilities, whatever they are, unless told otherwise', () => {
    expect(specification(declare())).toEqual({
      test: {
        target: {
          protocol: 'grpc',
          host: '127.0.0.1',
          port: 50_051,
          tls: false,
          model: 'pets',
          modelVersion,
        },
        samples: [{ path: asset('Image', 'cat\\.png') }],
        labelsFile: asset('Labels', 'labels\\.txt'),
        expect: {},
        readyTimeoutSeconds: 300,
      },
      reportFile: '.cdktf-brainwave/reports/stack-smoke-test.json',
    });
  });

  it('takes every property', () => {
    writeFileSync(path.join(project.folder, 'baseline.json'), '{}');
    const stack = declare(
      {
        images: [
          { image: project.image('images/my dog.jpg') },
          { image: project.image('images/fox.jpg'), expect: { classIndex: 2, top: 2 } },
        ],
        expect: { label: 'pug', classIndex: 1, top: 3, minimumProbability: 0.5 },
        labels: ['cat', 'pug', 'fox'],
        baseline: { file: 'baseline.json', tolerance: 0.1 },
        warmCalls: { count: 20, durationSeconds: 3, concurrency: 4, warmUp: 2 },
        latencyBudget: { p50Ms: 50, p95Ms: 100, p99Ms: 200, minimumRequestsPerSecond: 10 },
        minimumDaysToExpiry: 14,
        resolvers: ['1.1.1.1'],
        readyTimeoutSeconds: 20,
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
          tls: true,
          connectTo: '127.0.0.1',
          rootCertificateFile: '.cdktf-brainwave/services/stack-service/trusted-roots.pem',
          model: 'pets',
          modelVersion,
          resolvers: ['1.1.1.1'],
          keyFile: '.cdktf-brainwave/services/stack-service/keys.json',
        },
        samples: [
          { path: asset('Image', 'my dog\\.jpg') },
          { path: asset('Image2', 'fox\\.jpg'), expect: { classIndex: 2, top: 2 } },
        ],
        labelsFile: asset('Labels', 'labels\\.txt'),
        expect: { label: 'pug', classIndex: 1, top: 3, minimumProbability: 0.5 },
        readyTimeoutSeconds: 20,
        minimumDaysToExpiry: 14,
        warm: { count: 20, durationSeconds: 3, concurrency: 4, warmUp: 2 },
        budget: { p50Ms: 50, p95Ms: 100, p99Ms: 200, minimumRequestsPerSecond: 10 },
        baseline: { file: 'baseline.json', tolerance: 0.1 },
      },
      reportFile: 'reports/dog.json',
      reports: ['reports/dog.xml', 'reports/dog.html'],
    });
  });

  it('is a test that the step at apply can read', () => {
    const { test } = specification(declare()) as { test: unknown };
    expect(smokeTestFileSchema.safeParse(test).error).toBeUndefined();
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
      { image: project.image('images/cat.png', 'another image') },
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

  it('refuses an image that is missing or empty', () => {
    expect(refusal(() => declare({ image: 'images/none.png' }))).toBe(
      'stack/SmokeTest: there is no image images/none.png; paths are relative to the working directory',
    );
    expect(refusal(() => declare({ image: project.folder }))).toContain('there is no image');
    expect(refusal(() => declare({ image: project.image('empty.png', '') }))).toBe(
      'stack/SmokeTest: the image empty.png is empty; expected a JPEG, PNG, WebP, GIF or TIFF',
    );
  });

  it('refuses an image or labels that are known only at apply', () => {
    const later = Token.asString({ resolve: () => 'later' });
    const expected =
      'is a value that Terraform knows only at apply, but it is used at synth; give it as plain text';
    expect(refusal(() => declare({ image: later }))).toBe(`stack/SmokeTest: image ${expected}`);
    expect(refusal(() => declare({ labels: ['cat', later] }))).toBe(`stack/SmokeTest: labels ${expected}`);
    const list = Token.asList({ resolve: () => ['later'] });
    expect(refusal(() => declare({ labels: list }))).toBe(`stack/SmokeTest: labels ${expected}`);
  });

  it.each([
    ['lion', 'the label "lion" is expected, which is none of the model\'s 3'],
    ['Tiger-Cat', 'none of the model\'s 3; did you mean "tiger cat" or "cat"?'],
    ['dogs', 'none of the model\'s 3; did you mean "dog"?'],
    ['', "none of the model's 3"],
  ])('refuses the label "%s", which the model does not have', (label, expected) => {
    const message = refusal(() => declare({ expect: { label } }));
    expect(message.startsWith('stack/SmokeTest: ')).toBe(true);
    expect(message.endsWith(expected)).toBe(true);
  });

  it('refuses a label where the model has none', () => {
    expect(refusal(() => declare({ expect: { label: 'cat' } }, { labels: '' }))).toBe(
      'stack/SmokeTest: the label "cat" is expected but the model has no labels; ' +
        'give the service definition its labels, or expect a classIndex',
    );
  });

  it('refuses a label of two lines', () => {
    expect(refusal(() => declare({ labels: ['cat', 'tiger\ncat'] }))).toBe(
      'stack/SmokeTest: the label of class 1 has a line break, and labels travel a line each; write it on one line',
    );
  });

  it.each([-0.1, 1.1, 30, NaN])('refuses the probability %d', (minimumProbability) => {
    expect(refusal(() => declare({ expect: { minimumProbability } }))).toBe(
      `stack/SmokeTest: minimumProbability is ${minimumProbability}; expected a number from 0 to 1`,
    );
  });

  it.each([-1, 3, 0.5])('refuses the class %d of three', (classIndex) => {
    expect(refusal(() => declare({ expect: { classIndex } }))).toBe(
      `stack/SmokeTest: classIndex is ${classIndex}; expected a whole number from 0 to 2: the model has 3 labels`,
    );
  });

  it('accepts any class where the model has no labels', () => {
    expect(() => declare({ expect: { classIndex: 5000 } }, { labels: '' })).not.toThrow();
  });

  it.each([0, -5, NaN])('refuses to wait %d seconds', (readyTimeoutSeconds) => {
    expect(refusal(() => declare({ readyTimeoutSeconds }))).toBe(
      `stack/SmokeTest: readyTimeoutSeconds is ${readyTimeoutSeconds}; expected a number greater than 0`,
    );
  });

  it.each<[string, Partial<SmokeTestProps>, string]>([
    ['no class beyond the first', { expect: { top: 0 } }, 'top is 0; expected a whole number of at least 1'],
    [
      'a place for a class that is not named',
      { expect: { top: 5 } },
      'top is 5, but no class is expected that may stand so far down; expect a label or a classIndex, or leave it out',
    ],
    [
      'an expectation of JSON',
      { expect: { argmax: 1 } },
      'argmax is expected of the JSON of an online endpoint alone; expect label, classIndex, top, minimumProbability',
    ],
    ['a request', { data: [[1]] }, 'data is given, but a web service takes image or images; remove it'],
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
      'reports has "report.pdf", whose ending says no format; expected one of .json, .xml, .html, .htm, .prom',
    ],
    [
      'days of a certificate that is not there',
      { minimumDaysToExpiry: 14 },
      'minimumDaysToExpiry is 14, but the web service has no certificate; give it ssl, or leave out minimumDaysToExpiry',
    ],
    [
      'days before now',
      { minimumDaysToExpiry: -1 },
      'minimumDaysToExpiry is -1; expected a number of at least 0',
    ],
    [
      'a baseline that is not there',
      { baseline: { file: 'none.json' } },
      'there is no baseline none.json; record one with "cdktf-brainwave smoke-test --update-baseline", and commit it',
    ],
  ])('refuses %s', (_, props, message) => {
    expect(refusal(() => declare(props))).toBe(`stack/SmokeTest: ${message}`);
  });

  it('refuses images of one name, which reports and baselines could not tell apart', () => {
    const images = ['a/cat.png', 'b/cat.png'].map((name) => ({ image: project.image(name) }));
    expect(refusal(() => declare({ images }))).toBe(
      'stack/SmokeTest: two images are called cat.png, and reports and baselines know images by their names; ' +
        'rename one of them',
    );
  });

  it('refuses a test without a service, or with two', () => {
    const stack = project.stack();
    const image = project.image();
    expect(refusal(() => new SmokeTest(stack, 'None', { image }))).toBe(
      'stack/None: got neither service nor endpoint; give the web service, or the online endpoint, that is to be tested',
    );
    const service = new FakeWebservice(stack, 'Service');
    const endpoint = new FakeOnlineEndpoint(stack, 'Endpoint');
    expect(refusal(() => new SmokeTest(stack, 'Both', { service, endpoint, image }))).toBe(
      'stack/Both: got both service and endpoint; give each a smoke test of its own',
    );
    expect(refusal(() => new SmokeTest(stack, 'NoImage', { service }))).toBe(
      'stack/NoImage: got no image; set image, or images with one at least',
    );
    expect(refusal(() => new SmokeTest(stack, 'Image', { endpoint, image, data: [[1]] }))).toBe(
      'stack/Image: image is given, but an online endpoint takes request or data; remove it',
    );
    expect(refusal(() => new SmokeTest(stack, 'Label', { endpoint, data: [[1]], expect: { top: 5 } }))).toBe(
      'stack/Label: top is expected of an image that a web service scores alone; expect jsonPath, equalTo, argmax',
    );
  });
});
