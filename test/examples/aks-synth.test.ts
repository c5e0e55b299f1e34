import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');
const tsx = require.resolve('tsx/cli');

interface StackJson {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly terraform: { readonly backend: unknown };
  readonly variable: Readonly<Record<string, { readonly sensitive?: boolean; readonly default?: unknown }>>;
}

/** Synthesizes a copy of the example, beside the quickstart whose models it uses, and returns what it wrote. */
async function synthCopy(parent: string): Promise<string> {
  const folder = path.join(parent, 'aks');
  mkdirSync(folder, { recursive: true });
  for (const file of ['main.ts', 'cdktf.json']) {
    cpSync(path.join(root, 'examples/aks', file), path.join(folder, file));
  }
  symlinkSync(path.join(root, 'examples/quickstart'), path.join(parent, 'quickstart'));
  await run(process.execPath, [tsx, 'main.ts'], { cwd: folder });
  return readFileSync(path.join(folder, 'cdktf.out/stacks/aks/cdk.tf.json'), 'utf8');
}

describe('the synthesized AKS example', () => {
  let parent: string;
  let jsons: string[];
  let stack: StackJson;

  beforeAll(async () => {
    const ignored = path.join(root, '.cdktf-brainwave/tests');
    mkdirSync(ignored, { recursive: true });
    parent = mkdtempSync(path.join(ignored, 'synth-'));
    jsons = [];
    for (const name of ['here', 'some/where else']) {
      jsons.push(await synthCopy(path.join(parent, name)));
    }
    stack = JSON.parse(jsons[0]) as StackJson;
  });

  afterAll(() => {
    rmSync(parent, { recursive: true, force: true });
  });

  function only(type: string): { name: string; args: Readonly<Record<string, unknown>> } {
    const found = Object.entries(stack.resource[type] ?? {});
    expect(found).toHaveLength(1);
    const [name, args] = found[0];
    return { name: `${type}.${name}`, args };
  }

  it('is the same in any folder, and names none', () => {
    expect(jsons[1]).toBe(jsons[0]);
    expect(jsons[0]).not.toContain(root);
  });

  it('keeps its state elsewhere and its secrets in variables without a default', () => {
    expect(stack.terraform.backend).toHaveProperty('azurerm');
    expect(stack.variable).toMatchObject({
      certificate: { sensitive: true },
      private_key: { sensitive: true },
    });
    for (const variable of Object.values(stack.variable)) {
      expect(variable).not.toHaveProperty('default');
    }
    expect(jsons[0]).not.toContain('-----BEGIN');
  });

  it('deploys after the image is built, leads its name to its address and tests it by that name', () => {
    const deployment = only('kubernetes_deployment_v1').args;
    expect(deployment.depends_on).toContain(only('azurerm_container_registry_task_schedule_run_now').name);
    const record = only('azurerm_dns_a_record');
    expect(JSON.stringify(record.args)).toContain(`${only('azurerm_public_ip').name}.ip_address`);
    const [, test] =
      Object.entries(stack.resource.terraform_data).find(([name]) => name.startsWith('SmokeTest_')) ?? [];
    expect(test?.depends_on).toEqual(
      expect.arrayContaining([record.name, only('kubernetes_deployment_v1').name]),
    );
  });
});
