import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { planJson, type Planned } from '../plan-impact/planned';
import { runCommand } from '../support/cli';
import { temporaryFolder } from '../support/temporary-folder';

const scaleSet = (instances: number): Planned => ({
  type: 'azurerm_linux_virtual_machine_scale_set',
  name: 'Service_Fpga_ScaleSet_38A7415E',
  actions: ['update'],
  before: { name: 'vmss|pets', instances, user_data: 'a', sku: 'Standard_NP10s' },
  after: { name: 'vmss|pets', instances, user_data: 'b', sku: 'Standard_NP20s' },
});
const vault: Planned = { type: 'azurerm_key_vault', name: 'Vault', actions: ['delete'] };

let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ path: folder, remove } = await temporaryFolder());
});

afterEach(async () => {
  await remove();
});

function write(text: string): string {
  writeFileSync(path.join(folder, 'plan.json'), text);
  return 'plan.json';
}

describe('cdktf-brainwave plan-impact', () => {
  it('says per service what happens to calls and callers, and what else is destroyed', async () => {
    const { exitCode, stdout } = await runCommand(
      ['plan-impact', write(planJson([scaleSet(1), vault]))],
      folder,
    );

    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        '✗ vmss|pets (FPGA machines): updated',
        '    calls          calls are lost: the only machine is down while it takes over the change',
        '    configuration  model, image, key or certificate',
        '    size           Standard_NP10s → Standard_NP20s',
        '    rollout        one machine, some minutes',
        '',
        'Besides the services:',
        '  azurerm_key_vault.Vault is deleted, and with it all keys, secrets and certificates in it, unless it is recovered',
        '',
        'Calls to vmss|pets are lost, and no caller must change.',
        '',
      ].join('\n'),
    );
  });

  it('reads a plan from standard input and writes a table for a pull request', async () => {
    const { stdout } = await runCommand(['plan-impact', '-', '--format', 'markdown'], folder, {
      input: planJson([scaleSet(2)]),
    });

    expect(stdout).toMatch(/^### No call is lost, and no caller must change\.\n\n\| Service \|/);
    expect(stdout).toContain('| **vmss\\|pets**, FPGA machines | updated | ✓ none is lost: ');
  });

  it('writes JSON that a pipeline can decide by', async () => {
    const { stdout } = await runCommand(['plan-impact', '-', '--format', 'json'], folder, {
      input: planJson([scaleSet(1)]),
    });

    expect(JSON.parse(stdout)).toMatchObject({ services: [{ name: 'vmss|pets', losesCalls: true }] });
  });

  it.each([
    ['a plan file', 'PK\u0003\u0004', 'plan.json is a plan file, which only Terraform can read'],
    ['a text', 'no changes', 'plan.json is not JSON'],
    ['another JSON', '{}', 'plan.json is JSON, but not of a Terraform plan: it has no format_version'],
    ['a state', '{"format_version":"1.0","values":{}}', 'plan.json is a state, not a plan'],
  ])('refuses %s, and says how to write a plan as JSON', async (_kind, text, finding) => {
    const { exitCode, stderr } = await runCommand(['plan-impact', write(text)], folder);

    expect(exitCode).toBe(2);
    expect(stderr).toContain(finding);
    expect(stderr).toContain(
      'write a plan with terraform plan -out plan.bin, and pass the output of terraform show -json plan.bin',
    );
  });

  it('refuses a plan of a later format', async () => {
    const { stderr } = await runCommand(
      ['plan-impact', write('{"format_version":"2.0","planned_values":{}}')],
      folder,
    );

    expect(stderr).toContain(
      'has the format_version 2.0, but this release reads 1.x; update cdktf-brainwave',
    );
  });

  it('names a file that does not exist', async () => {
    const { exitCode, stderr } = await runCommand(['plan-impact', 'no.json'], folder);

    expect(exitCode).toBe(2);
    expect(stderr).toContain('no.json');
  });
});
