import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { metadataOf, startGrpcPeer } from '../client/peers';
import { imageFile, labelsFile, startSampleService, type SampleService } from '../client/sample-service';
import { afterwards } from '../support/cleanup';
import { runCommand, startCommand, type CommandResult } from '../support/cli';
import { temporaryFolder } from '../support/temporary-folder';

let service: SampleService;
let folder: string;
let removeFolder: () => Promise<void>;

beforeAll(async () => {
  ({ path: folder, remove: removeFolder } = await temporaryFolder());
  service = await startSampleService();
  await writeFile(path.join(folder, 'root.pem'), service.certificate.certificate);
  await writeFile(path.join(folder, 'key.txt'), service.keys.primaryKey, { mode: 0o600 });
});

afterAll(async () => {
  await service.close();
  await removeFolder();
});

const port = () => Number(service.address.split(':')[1]);

function smokeTest(
  args: readonly string[],
  options: Parameters<typeof runCommand>[2] = {},
): Promise<CommandResult> {
  return runCommand(
    ['smoke-test', '--ready-timeout-seconds', '5', '--warm-calls-count', '0', ...args],
    folder,
    options,
  );
}

const flags = () => [
  ...['--address', `scoring.localhost:${port()}`, '--connect-to', '127.0.0.1'],
  ...['--root-certificate-file', 'root.pem', '--labels-file', labelsFile],
];

describe('cdktf-brainwave smoke-test', () => {
  it('reads its target from flags and the key from the environment', async () => {
    const result = await smokeTest(
      [imageFile('chelsea.png'), ...flags(), '--key-env', 'SCORING_KEY', '--expect-label', 'tiger cat'],
      { env: { SCORING_KEY: service.keys.secondaryKey } },
    );
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain('smoke test passed');
    expect(result.stdout).not.toContain(service.keys.secondaryKey);
  });

  it('reads the key from standard input', async () => {
    const result = await smokeTest([imageFile('chelsea.png'), ...flags(), '--key-file', '-'], {
      input: `${service.keys.primaryKey}\n`,
    });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it("reads its target from a stack's outputs, and finds its files from any folder of the project", async () => {
    const target = {
      protocol: 'grpc',
      host: 'scoring.localhost',
      port: port(),
      connectTo: '127.0.0.1',
      rootCertificateFile: 'root.pem',
      keyFile: 'key.txt',
    };
    await writeFile(
      path.join(folder, 'outputs.json'),
      JSON.stringify({ Target: { sensitive: false, type: ['object', {}], value: target } }),
    );
    await writeFile(path.join(folder, 'package.json'), '{"private": true}');
    const below = path.join(folder, 'stacks', 'scoring');
    await mkdir(below, { recursive: true });
    await writeFile(path.join(below, 'other-key.txt'), 'another-key', { mode: 0o600 });
    const test = [
      'smoke-test',
      '--ready-timeout-seconds',
      '5',
      '--warm-calls-count',
      '0',
      imageFile('chelsea.png'),
      '--outputs',
    ];

    expect(await runCommand([...test, 'outputs.json'], folder)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await runCommand([...test, '../../outputs.json'], below)).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    // A flag's path is from where one is.
    const flagged = await runCommand([...test, '../../outputs.json', '--key-file', 'other-key.txt'], below);
    expect(flagged).toMatchObject({ exitCode: 5 });
  });

  it("reads a stack's outputs, including sensitive ones, from a pipe", async () => {
    const target = { host: 'scoring.localhost', port: port(), connectTo: '127.0.0.1' };
    const outputs = {
      Target: { sensitive: false, type: ['object', {}], value: target },
      primary_key: { sensitive: true, type: 'string', value: service.keys.primaryKey },
    };
    const args = ['--outputs', '-', '--root-certificate-file', 'root.pem', '--key-file', 'key.txt'];
    const result = await smokeTest([imageFile('chelsea.png'), ...args], { input: JSON.stringify(outputs) });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    await writeFile(path.join(folder, 'open.json'), JSON.stringify(outputs), { mode: 0o644 });
    const refused = await smokeTest([imageFile('chelsea.png'), '--outputs', 'open.json', ...args.slice(2)]);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain(
      'the outputs file open.json is accessible to users other than its owner (mode 0644)',
    );
    expect(refused.stderr + refused.stdout).not.toContain(service.keys.primaryKey);
  });

  it('reads the test from a file with paths relative to it, and flags take precedence', async () => {
    const test = {
      target: {
        host: 'scoring.localhost',
        port: port(),
        connectTo: '127.0.0.1',
        rootCertificateFile: 'root.pem',
        keyFile: 'key.txt',
      },
      samples: [
        { path: imageFile('chelsea.png'), expect: { classIndex: 282 } },
        { path: imageFile('coffee.png'), expect: { classIndex: 967 } },
      ],
      readyTimeoutSeconds: 5,
    };
    await writeFile(path.join(folder, 'smoke-test.json'), JSON.stringify(test));
    const result = await runCommand(
      ['smoke-test', '--file', path.join(folder, 'smoke-test.json')],
      path.dirname(folder),
    );
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain('2 samples are as expected');

    const otherKey = await smokeTest(['--file', 'smoke-test.json', '--key-env', 'SCORING_KEY'], {
      env: { SCORING_KEY: 'another-key' },
    });
    expect(otherKey).toMatchObject({ exitCode: 5 });

    const flagged = await smokeTest([
      imageFile('rocket.jpg'),
      '--file',
      'smoke-test.json',
      '--expect-class-index',
      '0',
    ]);
    expect(flagged.exitCode).toBe(1);
    expect(flagged.stdout).toContain('expected class 0');
  });

  it('reads samples from a file, and their target from the outputs of a stack', async () => {
    const target = {
      ...{ host: 'scoring.localhost', port: port(), connectTo: '127.0.0.1' },
      ...{ rootCertificateFile: 'root.pem', keyFile: 'key.txt' },
    };
    const outputs = JSON.stringify({ Target: { sensitive: false, type: ['object', {}], value: target } });
    const samples = [{ path: imageFile('chelsea.png'), expect: { classIndex: 282 } }];
    await writeFile(path.join(folder, 'package.json'), '{"private": true}');
    await writeFile(path.join(folder, 'images.json'), JSON.stringify({ samples }));
    const result = await smokeTest(['--file', 'images.json', '--outputs', '-'], { input: outputs });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });

    expect(await smokeTest(['--file', 'images.json'])).toMatchObject({
      exitCode: 2,
      stderr:
        'error: no target; set --address, --scoring-uri, --outputs or --service, or "target" in the file\n',
    });
    const unused = await smokeTest([
      '--file',
      'images.json',
      '--address',
      '127.0.0.1:1',
      '--expect-class-index',
      '0',
    ]);
    expect(unused).toMatchObject({
      exitCode: 2,
      stderr:
        'error: --expect-class-index is set, but each sample in the file has its own expectation; remove it, or pass the samples that it applies to\n',
    });
  });

  it("overrides a stack's DNS record and certificates with flags", async () => {
    const target = {
      ...{ host: 'scoring.example.com', port: 443, expectedAddress: '203.0.113.9' },
      rootCertificateFile: 'root.pem',
    };
    const input = JSON.stringify({ Target: { sensitive: false, type: ['object', {}], value: target } });
    const args = [imageFile('chelsea.png'), '--outputs', '-', '--dry-run'];
    const resolved = await smokeTest([...args, '--connect-to', '127.0.0.1', '--plaintext'], { input });
    expect(resolved).toMatchObject({ exitCode: 0, stderr: '' });
    expect(resolved.stdout).toContain(
      'none: connects to 127.0.0.1 instead of looking up scoring.example.com\n',
    );
    const asWritten = await smokeTest(args, { input });
    expect(asWritten.stdout).toContain('scoring.example.com, must resolve to 203.0.113.9 only\n');
  });

  it('scores every image of a folder', async () => {
    const result = await smokeTest([
      path.dirname(imageFile('chelsea.png')),
      ...flags(),
      '--key-file',
      'key.txt',
    ]);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain('3 samples are as expected');
  });

  it('continues if no one reads its output, writes its reports, and exits with its own code', async () => {
    const args = [imageFile('chelsea.png'), ...flags(), '--key-file', 'key.txt', '--report', 'unread.json'];
    const running = startCommand(
      ['smoke-test', '--ready-timeout-seconds', '5', '--warm-calls-count', '0', ...args],
      folder,
    );
    // As `head -1` does.
    running.process.stdout?.once('data', () => running.process.stdout?.destroy());

    expect(await running.ended).toMatchObject({ exitCode: 0, stderr: '' });
    const report = await readFile(path.join(folder, 'unread.json'), 'utf8');
    expect(JSON.parse(report)).toMatchObject({ passed: true, exitCode: 0 });
  });

  it('limits each call to --call-timeout-seconds', async () => {
    const silent = await startGrpcPeer({
      metadata: metadataOf({ images: 'DT_STRING' }),
      status: (_, answer) => {
        answer(null, { modelVersionStatus: [{ version: 1, state: 'AVAILABLE' }] });
      },
      health: (_, answer) => {
        answer(null, { status: 'SERVING' });
      },
      predict: () => undefined,
    });
    afterwards(() => silent.close());
    const args = [imageFile('chelsea.png'), '--address', `127.0.0.1:${silent.port}`, '--plaintext'];
    const { exitCode, stdout } = await smokeTest([...args, '--call-timeout-seconds', '1.5']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      `got no response from 127.0.0.1:${silent.port} within 1,500 ms, although the connection is established; raise --call-timeout-seconds`,
    );
  });

  it('shows what it would do without calling the service', async () => {
    const { stdout, exitCode } = await smokeTest([
      imageFile('chelsea.png'),
      ...[
        '--address',
        'scoring.example.com',
        '--key-file',
        'key.txt',
        '--dry-run',
        '--warm-calls-count',
        '20',
      ],
      ...[
        '--expect-label',
        'tiger cat',
        '--latency-budget-p95-ms',
        '200',
        '--minimum-days-to-expiry',
        '14',
        '--warm-calls-concurrency',
        '4',
      ],
      ...['--labels-file', labelsFile, '--model-name', 'pets', '--certificate-file', 'deployed.pem'],
      ...['--resolvers', '192.0.2.53', '--expected-address', '203.0.113.9', '--report', 'report.xml'],
    ]);
    expect({ stdout, exitCode }).toEqual({
      exitCode: 0,
      stdout: [
        'gRPC over TLS to scoring.example.com:443, 1 sample',
        '  dns             scoring.example.com, must resolve to 203.0.113.9 only, also on 192.0.2.53',
        '  tcp             port 443',
        '  tls             certificate for scoring.example.com, the one in deployed.pem, valid for at least 14 days',
        '  health          within 5 s, model pets',
        '  authentication  accepts the key; rejects calls with no key and with a wrong key',
        '  first-call      chelsea.png',
        '  warm-calls      20 calls, 4 in parallel',
        '  expectations    1000 labels',
        '  expectations    chelsea.png: label "tiger cat"',
        '  expectations    p95Ms 200',
        '  report          report.xml',
        '',
      ].join('\n'),
    });
  });

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['2001:470:0:1::9', '2001:470:0:1::9'],
  ])('connects with --connect-to %s', async (connectTo, connectedTo) => {
    const address = 'scoring.example.com';
    const args = [imageFile('chelsea.png'), '--address', address, '--connect-to', connectTo, '--dry-run'];
    const { stdout, exitCode } = await smokeTest(args);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`none: connects to ${connectedTo} instead of looking up ${address}\n`);
  });

  it('records a baseline and compares with it', async () => {
    const args = [
      imageFile('chelsea.png'),
      ...flags(),
      '--key-file',
      'key.txt',
      '--baseline-file',
      'baseline.json',
    ];
    expect(await smokeTest([...args, '--update-baseline'])).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(await readFile(path.join(folder, 'baseline.json'), 'utf8'))).toMatchObject({
      schemaVersion: 1,
      samples: { 'chelsea.png': { classes: { 282: expect.closeTo(0.39, 1) as number } } },
    });
    const compared = await smokeTest(args);
    expect(compared.exitCode).toBe(0);
    expect(compared.stdout).toContain('differs from the baseline by');
  });

  it.each([
    [['--key-env', 'NO_SUCH_KEY'], '--key-env is NO_SUCH_KEY, which is not set'],
    [['--update-baseline'], '--update-baseline is set without a baseline; set --baseline-file'],
    [['--baseline-tolerance', '0.1'], '--baseline-file is missing; set it'],
    [['--expect-top', 'five'], "--expect-top is 'five'; expected a whole number of at least 1"],
    [['--connect-to', 'other.example'], "--connect-to is 'other.example'; expected an IP address"],
    [
      ['--dry-run', '--warm-calls-concurrency', '0'],
      'error: --warm-calls-concurrency is 0; expected a whole number of at least 1',
    ],
    [
      ['--dry-run', '--warm-calls-count', '1.5'],
      'error: --warm-calls-count is 1.5; expected a whole number of at least 0',
    ],
    [
      ['--expect-class-index', '7', '--latency-budget-p95-ms', '0'],
      'error: --latency-budget-p95-ms is 0; expected a number greater than 0',
    ],
    [
      ['--plaintext', '--minimum-days-to-expiry', '3'],
      '--minimum-days-to-expiry is 3, but without TLS there is no certificate',
    ],
    [
      ['--plaintext', '--certificate-file', 'deployed.pem'],
      '--certificate-file is deployed.pem, but the service is called without TLS',
    ],
    [
      ['--expected-address', '203.0.113.9'],
      '--expected-address is 203.0.113.9, but the test calls 127.0.0.1 and looks up no DNS record',
    ],
    [
      ['--resolvers', '192.0.2.53'],
      '--resolvers is 192.0.2.53, but the test calls 127.0.0.1 and looks up no DNS record; remove one of them',
    ],
    [['--call-timeout-seconds', '0'], 'error: --call-timeout-seconds is 0; expected a number greater than 0'],
    [['--expect-top', '5'], '--expect-top is 5, but no class is expected; set --expect-label or'],
    [
      ['--expect-label', 'tiger cat'],
      '--expect-label is "tiger cat", but there are no labels; set --labels-file, or use --expect-class-index instead',
    ],
    [
      ['--labels-file', labelsFile, '--expect-label', 'tigercat'],
      '--expect-label is "tigercat", which is not one of the 1000 labels; did you mean "tiger cat"?',
    ],
    [
      ['--expect-argmax', '3'],
      '--expect-argmax applies only to JSON answers; for an image, use --expect-label, ',
    ],
    [
      ['--expect-equal-to', 'seven'],
      '--expect-equal-to is "seven", which is not JSON; put a string in quotes',
    ],
    [['--output', 'Target'], '--output is Target, but there are no outputs to find it in; set --outputs'],
    [['--file', 'none.json'], 'cannot read the smoke test none.json (ENOENT)'],
  ])('rejects %j with 2 before any call', async (args, message) => {
    const { exitCode, stderr } = await smokeTest([
      imageFile('chelsea.png'),
      '--address',
      '127.0.0.1:1',
      ...args,
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
