import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { expectValidAzapiBodies } from '../support/azapi-schemas';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');
const tsx = require.resolve('tsx/cli');

type Arguments = Readonly<Record<string, unknown>>;

interface StackJson {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Arguments>>>>;
  readonly terraform: { readonly backend: unknown };
  readonly provider: Readonly<Record<string, readonly Arguments[]>>;
  readonly variable: Readonly<Record<string, { readonly sensitive?: boolean; readonly default?: unknown }>>;
}

/** Synthesizes the Azure stack of a copy of the example. */
async function synthCopy(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const name of ['azure.ts', 'code', 'environment', 'model', 'sample.json']) {
    cpSync(path.join(root, 'examples/gpu', name), path.join(folder, name), { recursive: true });
  }
  writeFileSync(path.join(folder, 'cdktf.json'), '{"language": "typescript", "app": "npx tsx azure.ts"}\n');
  await run(process.execPath, [tsx, 'azure.ts'], { cwd: folder });
  return readFileSync(path.join(folder, 'cdktf.out/stacks/gpu-azure/cdk.tf.json'), 'utf8');
}

describe('the synthesized Azure stack of the GPU example', () => {
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

  function ofKind(kind: string): Arguments {
    const type = `Microsoft.MachineLearningServices/workspaces/${kind}@2025-06-01`;
    const all = [stack.resource.azapi_resource, stack.resource.azapi_update_resource];
    const found = all.flatMap((named) => Object.values(named)).find((args) => args.type === type);
    expect(found).toBeDefined();
    return found ?? {};
  }

  it('is the same in any folder, and names none', () => {
    expect(jsons[1]).toBe(jsons[0]);
    expect(jsons[0]).not.toContain(root);
  });

  it('sends bodies that Azure takes', () => {
    expect(() => {
      expectValidAzapiBodies(jsons[0]);
    }).not.toThrow();
  });

  it('keeps its state elsewhere and its secrets in variables without a default', () => {
    expect(stack.terraform.backend).toHaveProperty('azurerm');
    for (const variable of Object.values(stack.variable)) {
      expect(variable.sensitive).toBe(true);
      expect(variable).not.toHaveProperty('default');
    }
    expect(jsons[0]).not.toContain('-----BEGIN');
  });

  // Azure refuses a resource whose provider the subscription is not registered for, and azurerm's default set has not all.
  // @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs#resource-provider-registrations
  it('registers the subscription for the extension of the cluster', () => {
    expect(stack.provider.azurerm).toEqual([
      expect.objectContaining({ resource_providers_to_register: ['Microsoft.KubernetesConfiguration'] }),
    ]);
  });

  it('has a GPU for each of the three replicas, as the guide does', () => {
    const pools = Object.values(stack.resource.azurerm_kubernetes_cluster_node_pool);
    expect(pools).toEqual([expect.objectContaining({ vm_size: 'Standard_NC4as_T4_v3', node_count: 3 })]);
    expect(ofKind('onlineEndpoints/deployments').body).toMatchObject({
      sku: { capacity: 3 },
      properties: { instanceType: 'gpu', codeConfiguration: { scoringScript: 'score.py' } },
    });
    expect(Object.values(stack.resource.azapi_update_resource).map(({ body }) => body)).toEqual([
      { properties: { traffic: { blue: 100 } } },
    ]);
  });

  it('leads the certificate’s name to the router, and tests by that name', () => {
    const [[address, record]] = Object.entries(stack.resource.azurerm_dns_a_record);
    const traffic = Object.keys(stack.resource.azapi_update_resource).join();
    const [test] = Object.values(stack.resource.terraform_data);
    expect(test.depends_on).toEqual(
      expect.arrayContaining([`azurerm_dns_a_record.${address}`, `azapi_update_resource.${traffic}`]),
    );
    expect(JSON.stringify(record.records)).toMatch(/data\.kubernetes_service_v1\.\w+\.status/);
  });
});
