import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');
const examples = path.join(root, 'examples');

type Arguments = Readonly<Record<string, unknown>>;
type Blocks = Readonly<Record<string, Readonly<Record<string, Arguments>>>>;

interface StackJson {
  readonly terraform: { readonly backend: { readonly azurerm: Arguments } };
  readonly provider: Readonly<Record<string, readonly { readonly alias?: string }[]>>;
  readonly resource: Blocks;
  readonly data?: Blocks;
  readonly output?: Readonly<Record<string, { readonly value: string; readonly sensitive?: boolean }>>;
}

const STACKS = ['platform', 'services', 'names', 'application'] as const;
type StackName = (typeof STACKS)[number];

let parent: string;
let jsons: Record<StackName, string>;
let stacks: Record<StackName, StackJson>;
let dependencies: Record<StackName, readonly string[]>;

beforeAll(async () => {
  const ignored = path.join(root, '.cdktf-brainwave/tests');
  mkdirSync(ignored, { recursive: true });
  parent = mkdtempSync(path.join(ignored, 'composed-'));
  const folder = path.join(parent, 'composed');
  cpSync(path.join(examples, 'composed'), folder, {
    recursive: true,
    filter: (file) => !file.includes('cdktf.out'),
  });
  symlinkSync(path.join(examples, 'quickstart'), path.join(parent, 'quickstart'));
  await run(process.execPath, [require.resolve('tsx/cli'), 'main.ts'], { cwd: folder });
  const read = (file: string) => readFileSync(path.join(folder, 'cdktf.out', file), 'utf8');
  const each = <T>(value: (name: StackName) => T) =>
    Object.fromEntries(STACKS.map((name) => [name, value(name)])) as Record<StackName, T>;
  jsons = each((name) => read(`stacks/${name}/cdk.tf.json`));
  stacks = each((name) => JSON.parse(jsons[name]) as StackJson);
  const manifest = JSON.parse(read('manifest.json')) as {
    stacks: Record<string, { dependencies: string[] }>;
  };
  dependencies = each((name) => manifest.stacks[name].dependencies);
});

afterAll(() => {
  rmSync(parent, { recursive: true, force: true });
});

/** All expressions of Terraform in a stack. */
function expressions(name: StackName): string[] {
  return stringsOf(stacks[name]).flatMap((text) => text.match(/\$\{(?:[^{}]|\{[^}]*\})*\}/g) ?? []);
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

/** The stack that a stack's remote state is of, by the state that it is kept in. */
function originOf(name: StackName, remoteState: string): StackJson {
  const { backend, config } = stacks[name].data!.terraform_remote_state[remoteState];
  expect(backend).toBe('azurerm');
  const origin = Object.values(stacks).find(
    ({ terraform }) => JSON.stringify(terraform.backend.azurerm) === JSON.stringify(config),
  );
  expect(origin).toBeDefined();
  return origin!;
}

interface Reference {
  readonly remoteState: string;
  readonly output: string;
  readonly expression: string;
}

function crossReferences(name: StackName): Reference[] {
  return expressions(name).flatMap((expression) =>
    [...expression.matchAll(/data\.terraform_remote_state\.([\w-]+)\.outputs\.([\w-]+)/g)].map(
      ([, remoteState, output]) => ({ remoteState, output, expression }),
    ),
  );
}

interface Declared {
  readonly address: string;
  readonly type: string;
  /** The construct's. */
  readonly path: string;
  readonly args: Arguments;
}

function declared(name: StackName): Declared[] {
  const of = (blocks: Blocks | undefined, prefix: string) =>
    Object.entries(blocks ?? {}).flatMap(([type, named]) =>
      Object.entries(named).map(([id, args]) => ({
        address: `${prefix}${type}.${id}`,
        type,
        path: (args['//'] as { metadata: { path: string } } | undefined)?.metadata.path ?? '',
        args,
      })),
    );
  return [...of(stacks[name].resource, ''), ...of(stacks[name].data, 'data.')];
}

/** The container app of the application. */
function app(): Arguments {
  return Object.values(stacks.application.resource.azurerm_container_app)[0];
}

describe('the stacks of the composed example', () => {
  it('are applied in an order that follows their references', () => {
    expect(dependencies).toEqual({
      platform: [],
      services: ['platform'],
      names: ['services'],
      application: expect.arrayContaining(['names', 'services']) as unknown,
    });
  });

  it.each(['services', 'names', 'application'] as const)(
    '%s: each reference to another stack is to an output that is there, sensitive, and of something declared there',
    (name) => {
      const references = crossReferences(name);
      expect(references.length).toBeGreaterThan(1);
      for (const { remoteState, output } of references) {
        const origin = originOf(name, remoteState);
        expect(origin.output).toHaveProperty([output]);
        const { value, sensitive } = origin.output![output];
        const [, type, id] = /^\$\{(\w+)\.([\w-]+)[.[]/.exec(value) ?? [];
        expect(origin.resource).toHaveProperty([type, id]);
        expect(sensitive).toBe(true);
      }
    },
  );

  it.each(STACKS)('%s: refers to nothing within a stack that it does not have', (name) => {
    const addresses = new Set(declared(name).map(({ address }) => address));
    const referred = expressions(name).flatMap((expression) =>
      [
        ...expression
          .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
          .matchAll(/(?<![\w.-])((?:data\.)?(?:azurerm|azapi|kubernetes|random|terraform)_\w+\.[\w-]+)/g),
      ].map(([, address]) => address),
    );
    const ordered = declared(name).flatMap(({ args }) => (args.depends_on ?? []) as string[]);

    expect(referred.length + ordered.length).toBeGreaterThan(0);
    expect([...referred, ...ordered].filter((address) => !addresses.has(address))).toEqual([]);
  });

  it.each(STACKS)('%s: gives each resource a provider that the stack declares', (name) => {
    const providers = Object.entries(stacks[name].provider).flatMap(([type, all]) =>
      all.map(({ alias }) => (alias === undefined ? type : `${type}.${alias}`)),
    );
    for (const { type, args, address } of declared(name).filter(
      (each) => !each.type.startsWith('terraform_'),
    )) {
      expect({ address, providers }).toEqual({
        address,
        providers: expect.arrayContaining([args.provider ?? type.split('_')[0]]) as unknown,
      });
    }
  });

  it.each(['platform', 'services'] as const)(
    '%s: makes what is in America with the provider of that, and nothing else with it',
    (name) => {
      const azure = declared(name).filter(({ type }) => type.startsWith('azurerm_'));
      const [inAmerica, others] = [true, false].map((wanted) =>
        // Beside what is in America, the data source that names the tenant of its subscription.
        azure.filter(({ path: place }) => /^\w+\/(America|AzureClient-.*america$)/.test(place) === wanted),
      );
      expect(inAmerica.length).toBeGreaterThan(1);
      expect([...new Set(inAmerica.map(({ args }) => args.provider))]).toEqual(['azurerm.america']);
      expect([...new Set(others.map(({ args }) => args.provider))]).toEqual([undefined]);
    },
  );

  it('run each service on the cluster of its region, with the one image of the one model', () => {
    const deployments = declared('services').filter(({ type }) => type === 'kubernetes_deployment_v1');
    expect(deployments.map(({ args, path: place }) => [place.split('/')[1], args.provider])).toEqual([
      ['America', 'kubernetes.kubernetes-platform-america'],
      ['Europe', 'kubernetes.kubernetes-platform-europe'],
    ]);
    const count = (name: StackName, type: string) => Object.keys(stacks[name].resource[type] ?? {}).length;
    expect(count('services', 'azurerm_container_registry_task')).toBe(1);
    expect(count('services', 'azapi_resource')).toBe(1);
    expect(count('platform', 'azapi_resource')).toBe(1);
    expect(count('names', 'azurerm_dns_a_record')).toBe(2);
    expect(count('names', 'terraform_data')).toBe(2);
  });

  it('hand keys over as references that stay sensitive, and as nothing else', () => {
    const secrets = (['names', 'application'] as const).flatMap((name) =>
      crossReferences(name).filter(({ remoteState, output }) =>
        originOf(name, remoteState).output![output].value.includes('random_password.'),
      ),
    );
    const [values, digests] = [false, true].map((isDigest) =>
      secrets.filter(({ expression }) => expression.startsWith('${sha256(') === isDigest),
    );
    // Two keys of two services for the tests, and one of each for the application, with a digest of both.
    expect([values.length, digests.length]).toEqual([6, 2]);
    for (const { expression } of values) {
      expect(expression).toMatch(/^\$\{sensitive\(data\.terraform_remote_state\.[\w.-]+\)\}$/);
    }
    expect(app().secret).toHaveLength(2);
  });

  // Azure starts no revision when a secret changes.
  // @see https://learn.microsoft.com/azure/container-apps/manage-secrets
  it('restart the application when a key changes', () => {
    const references = JSON.stringify(app().template).match(/\$\{.*?\}/g);
    expect(references).toHaveLength(1);
    for (const { value } of app().secret as { value: string }[]) {
      expect(references![0]).toContain(value.replace(/^\$\{|\}$/g, ''));
    }
  });

  // Azure names the group otherwise, and azurerm then plans to replace the environment.
  // @see https://github.com/hashicorp/terraform-provider-azurerm/issues/28727
  it('name the resource group that Container Apps add for a network', () => {
    const [environment] = Object.values(stacks.application.resource.azurerm_container_app_environment);
    expect(environment).toMatchObject({
      infrastructure_subnet_id: expect.any(String) as unknown,
      infrastructure_resource_group_name: 'cat-sorter-infrastructure',
    });
  });

  // Azure refuses a resource whose provider the subscription is not registered for, and azurerm's default set has not all.
  // @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs#resource-provider-registrations
  it('register the subscription for Container Apps', () => {
    expect(stacks.application.provider.azurerm).toEqual([
      expect.objectContaining({ resource_providers_to_register: ['Microsoft.App'] }),
    ]);
  });

  it('hold no key and no certificate, and name no folder of this machine', () => {
    for (const json of Object.values(jsons)) {
      expect(json).not.toMatch(/-----BEGIN/);
      expect(json).not.toContain(root);
      expect(json).not.toMatch(/"(client_key|client_certificate|value)": "(?!\$\{)[A-Za-z0-9+/=]{24,}"/);
    }
  });

  it('come with a page that names each of them', () => {
    const file = path.join(examples, 'composed/README.md');
    expect(existsSync(file)).toBe(true);
    const page = readFileSync(file, 'utf8');
    for (const name of STACKS) {
      expect(page).toContain(`cdktf.out/stacks/${name} `);
    }
  });
});
