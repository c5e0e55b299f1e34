import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformBinary } from '../../../lib/terraform/terraform-binary';
import { TerraformNotUsableError } from '../../../lib/terraform/terraform-errors';
import { runTerraform } from '../../../scripts/terraform/run-terraform';
import { parseUiLine, type TerraformEvent } from '../../../scripts/terraform/terraform-event';
import { terraformForTests } from '../../support/terraform';
import { writeExecutable } from '../../terraform/fake-terraform';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-terraform-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('runTerraform with a real Terraform', () => {
  let terraform: TerraformBinary;

  beforeAll(async () => {
    terraform = await terraformForTests();
    // It may have to be fetched.
  }, 300_000);

  function configure(command: string) {
    writeFileSync(
      join(folder, 'main.tf.json'),
      JSON.stringify({
        variable: { secret: { type: 'string', sensitive: true, default: 'hunter2' } },
        resource: {
          terraform_data: {
            service: { input: 'hello', provisioner: [{ 'local-exec': { command } }] },
          },
        },
        output: {
          greeting: { value: '${terraform_data.service.output}' },
          ports: { value: [1, 2] },
          secret: { value: '${var.secret}', sensitive: true },
        },
      }),
    );
  }

  async function run(...args: string[]) {
    const events: TerraformEvent[] = [];
    const lines: string[] = [];
    const { exitCode } = await runTerraform(terraform, args, {
      cwd: folder,
      onLine: (line, stream) => {
        const event = stream === 'stdout' ? parseUiLine(line) : undefined;
        if (event) {
          events.push(event);
        }
        lines.push(line);
      },
    });
    return { exitCode, events, lines };
  }

  const apply = ['apply', '-json', '-auto-approve', '-input=false'];
  const address = 'terraform_data.service';

  it('reads every message of an apply, of one without changes and of a destroy', async () => {
    configure('echo first line; echo second line >&2');
    expect((await run('init', '-input=false')).exitCode).toBe(0);

    const applied = await run(...apply);
    expect(applied.exitCode).toBe(0);
    const { product, version } = terraform;
    expect(applied.events[0]).toMatchObject({ type: 'version', product, version });
    const rest = applied.events.slice(1);
    const output = (text: string) => ({
      type: 'provision_progress',
      message: `${address}: (local-exec): ${text}`,
      address,
      provisioner: 'local-exec',
      output: text,
    });
    expect(rest).toEqual([
      { type: 'planned_change', message: `${address}: Plan to create`, address, action: 'create' },
      {
        type: 'change_summary',
        message: 'Plan: 1 to add, 0 to change, 0 to destroy.',
        operation: 'plan',
        add: 1,
        change: 0,
        remove: 0,
        import: 0,
      },
      {
        type: 'outputs',
        message: 'Outputs: 3',
        outputs: {
          greeting: { sensitive: false, action: 'create' },
          ports: { sensitive: false, action: 'create' },
          secret: { sensitive: true, action: 'create' },
        },
      },
      { type: 'apply_start', message: `${address}: Creating...`, address, action: 'create' },
      {
        type: 'provision_start',
        message: `${address}: Provisioning with 'local-exec'...`,
        address,
        provisioner: 'local-exec',
      },
      output('Executing: ["/bin/sh" "-c" "echo first line; echo second line >&2"]'),
      output('first line'),
      output('second line'),
      {
        type: 'provision_complete',
        message: `${address}: (local-exec) Provisioning complete`,
        address,
        provisioner: 'local-exec',
      },
      {
        type: 'apply_complete',
        message: expect.stringContaining(`${address}: Creation complete after`) as string,
        address,
        action: 'create',
        elapsedSeconds: expect.any(Number) as number,
      },
      {
        type: 'change_summary',
        message: 'Apply complete! Resources: 1 added, 0 changed, 0 destroyed.',
        operation: 'apply',
        add: 1,
        change: 0,
        remove: 0,
        import: 0,
      },
      {
        type: 'outputs',
        message: 'Outputs: 3',
        outputs: {
          greeting: { sensitive: false, value: 'hello' },
          ports: { sensitive: false, value: [1, 2] },
          secret: { sensitive: true },
        },
      },
    ]);
    expect(JSON.stringify(rest)).not.toContain('hunter2');

    const again = await run(...apply);
    expect(again.exitCode).toBe(0);
    expect(again.events).toContainEqual(
      expect.objectContaining({ type: 'change_summary', operation: 'apply', add: 0, change: 0, remove: 0 }),
    );

    const destroyed = await run('destroy', '-json', '-auto-approve');
    expect(destroyed.events).toContainEqual(
      expect.objectContaining({ type: 'change_summary', operation: 'destroy', remove: 1 }),
    );
  });

  it('reads why an apply failed', async () => {
    configure('echo no; exit 3');
    await run('init', '-input=false');
    const { exitCode, events } = await run(...apply);
    expect(exitCode).toBe(1);
    const types = events.map(({ type }) => type);
    expect(types).toContain('provision_errored');
    expect(types).toContain('apply_errored');
    expect(events.find(({ type }) => type === 'diagnostic')).toMatchObject({
      severity: 'error',
      summary: 'local-exec provisioner error',
      detail: expect.stringContaining('exit status 3. Output: no') as string,
      address,
      file: 'main.tf.json',
    });
  });

  it('reads a configuration error, and reports where it is', async () => {
    writeFileSync(join(folder, 'main.tf'), '\nfoo\n');
    const { exitCode, events } = await run(...apply);
    expect(exitCode).toBe(1);
    expect(events.find(({ type }) => type === 'diagnostic')).toMatchObject({
      severity: 'error',
      file: 'main.tf',
      line: 2,
    });
  });
});

describe('runTerraform', () => {
  function script(...lines: string[]) {
    return { path: writeExecutable(join(folder, 'terraform'), ['#!/bin/sh', ...lines, ''].join('\n')) };
  }

  it('passes on both streams by line, with whole characters, and an unterminated last line', async () => {
    const binary = script(`printf 'one\\r\\n\\303'; printf '\\251t\\303\\251\\nlast'`, 'echo aside >&2');
    const lines: Record<string, string[]> = { stdout: [], stderr: [] };
    await runTerraform(binary, [], { cwd: folder, onLine: (line, stream) => lines[stream].push(line) });
    expect(lines).toEqual({ stdout: ['one', 'été', 'last'], stderr: ['aside'] });
  });

  it('passes arguments and the environment on, without a shell', async () => {
    const binary = script('echo "$1 $GREETING"');
    const lines: string[] = [];
    await runTerraform(binary, ['$(id)'], {
      cwd: folder,
      env: { GREETING: 'hello' },
      onLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(['$(id) hello']);
  });

  it('returns the exit code, or the signal', async () => {
    expect(await runTerraform(script('exit 7'), [], { cwd: folder })).toEqual({ exitCode: 7, signal: null });
    const killed = await runTerraform(script('kill -9 $$'), [], { cwd: folder });
    expect(killed).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  it('interrupts it once on request, and lets it end cleanly', async () => {
    const program =
      "process.on('SIGINT', () => { console.log('interrupted'); process.exit(1); });" +
      "setInterval(() => undefined, 1000); console.log('ready');";
    const controller = new AbortController();
    const lines: string[] = [];
    const run = await runTerraform({ path: process.execPath }, ['-e', program], {
      cwd: folder,
      signal: controller.signal,
      onLine: (line) => {
        lines.push(line);
        controller.abort();
      },
    });
    expect(lines).toEqual(['ready', 'interrupted']);
    expect(run).toEqual({ exitCode: 1, signal: null });
  });

  it('throws what its listener throws, after it has ended and its output was read', async () => {
    const binary = script(
      'i=0; while [ $i -lt 3000 ]; do echo "a line that fills the pipe, again and again"; i=$((i+1)); done',
      'echo > ended',
    );
    const failed = runTerraform(binary, [], {
      cwd: folder,
      onLine: () => {
        throw new Error('the listener failed');
      },
    });
    await expect(failed).rejects.toThrow('the listener failed');
    expect(existsSync(join(folder, 'ended'))).toBe(true);
  });

  it('reports that the binary or the folder does not exist', async () => {
    const path = join(folder, 'none');
    const run = runTerraform({ path }, [], { cwd: folder });
    await expect(run).rejects.toBeInstanceOf(TerraformNotUsableError);
    await expect(run).rejects.toThrow(`${path} is not a usable Terraform: it did not start in ${folder}`);
    await expect(runTerraform(script('exit 0'), [], { cwd: path })).rejects.toThrow('it did not start in');
  });
});
