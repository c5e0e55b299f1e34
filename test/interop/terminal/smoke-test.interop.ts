import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { imageFile, labelsFile, startSampleService, type SampleService } from '../../client/sample-service';
import { afterwards } from '../../support/cleanup';
import { freePort } from '../../support/free-port';
import { Screen } from '../../support/screen';
import { temporaryFolder } from '../../support/temporary-folder';

const command = path.resolve(__dirname, '../../../dist/lib/cli/main.js');
const python = process.env.PYTHON ?? 'python3';

interface Session {
  readonly exitCode: number | null;
  readonly screen: Screen;
}

async function onTerminal(
  args: readonly string[],
  { env = {}, interruptAt = '' }: { env?: Record<string, string>; interruptAt?: string } = {},
): Promise<Session> {
  const script = path.join(__dirname, 'run_in_pty.py');
  const child = spawn(python, [script, interruptAt, process.execPath, command, 'smoke-test', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm-256color', CI: '', NO_COLOR: '', ...env },
  });
  afterwards(() => child.kill('SIGKILL'));
  const [written, ended] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const screen = new Screen(100);
  screen.write(written);
  return { exitCode: (ended as [number | null])[0], screen };
}

describe('cdktf-brainwave smoke-test on a real terminal', () => {
  let service: SampleService;
  let serviceArgs: string[];
  let removeFolder: () => Promise<void>;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    removeFolder = folder.remove;
    service = await startSampleService();
    const file = (name: string, content: string | Uint8Array) => {
      const written = path.join(folder.path, name);
      writeFileSync(written, content, { mode: 0o600 });
      return written;
    };
    serviceArgs = [
      imageFile('chelsea.png'),
      ...[
        '--address',
        service.address,
        '--labels-file',
        labelsFile,
        '--expect-label',
        'tiger cat',
        '--warm-calls-count',
        '40',
      ],
      ...['--root-certificate-file', file('root.pem', service.certificate.certificate)],
      ...['--key-file', file('key.txt', service.keys.primaryKey)],
    ];
  });

  afterAll(async () => {
    await service.close();
    await removeFolder();
  });

  it('moves while it works, and leaves its checks, the classes and the verdict', async () => {
    const { exitCode, screen } = await onTerminal(serviceArgs);
    expect(exitCode).toBe(0);
    expect(screen.written).toMatch(/[⠋-⠿]/);
    expect(screen.written).toContain('━');
    expect(screen.written).toMatch(/\d+ of 40 calls/);
    const left = screen.lines.join('\n');
    expect(left).not.toMatch(/[⠋-⠿━─]/);
    expect(screen.lines.filter((line) => /^[✓–] /.test(line)).map((line) => line.split(' ')[1])).toEqual([
      'dns',
      'tcp',
      'tls',
      'health',
      'authentication',
      'first-call',
      'warm-calls',
      'expectations',
    ]);
    expect(left).toMatch(/tiger cat +█+/);
    expect(left).toMatch(/latency first [\d.]+ ms, then p50/);
    expect(left).toContain('smoke test passed');
    expect(left).not.toContain(service.keys.primaryKey);
  });

  it('moves without colors where NO_COLOR is set', async () => {
    const { exitCode, screen } = await onTerminal(serviceArgs, { env: { NO_COLOR: '1' } });
    expect(exitCode).toBe(0);
    expect(screen.written).toMatch(/[⠋-⠿]/);
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    expect(screen.written).not.toMatch(/\u001b\[[\d;]*m/);
  });

  it.each([
    ['on a terminal that can draw nothing', { TERM: 'dumb' }],
    ['on the terminal of a CI runner', { CI: 'true', NO_COLOR: '1' }],
  ])('writes plain lines %s', async (_, env) => {
    const { exitCode, screen } = await onTerminal(serviceArgs, { env });
    expect(exitCode).toBe(0);
    expect(screen.written).not.toContain('\u001b');
    expect(screen.written).not.toMatch(/[⠋-⠿]/);
    expect(screen.lines).toContain('smoke test passed');
  });

  it('ends with 130 at Ctrl-C, and leaves no half drawn line', async () => {
    const port = await freePort();
    const args = [imageFile('chelsea.png'), '--plaintext', '--address', `127.0.0.1:${port}`];
    const { exitCode, screen } = await onTerminal(args, { interruptAt: ' of 60 s' });
    expect(exitCode).toBe(130);
    expect(screen.written).toContain('─');
    expect(screen.lines.join('\n')).not.toMatch(/[⠋-⠿━─]/);
    expect(screen.lines.join('\n')).toContain('smoke test failed: ');
  });
});
