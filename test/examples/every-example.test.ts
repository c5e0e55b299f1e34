import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import semver from 'semver';

import {
  EXAMPLES,
  examplePrograms,
  type ExampleProgram,
} from '../../scripts/synth-examples/example-programs';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');
const programs = examplePrograms();

let parent: string;

beforeAll(() => {
  const ignored = path.join(root, '.cdktf-brainwave/tests');
  mkdirSync(ignored, { recursive: true });
  parent = mkdtempSync(path.join(ignored, 'examples-'));
});

afterAll(() => {
  rmSync(parent, { recursive: true, force: true });
});

/** Synthesizes a copy of an example, the other examples beside it: the files of cdktf.out that are not assets. */
async function synth(
  { example, file, environment }: ExampleProgram,
  place: string,
): Promise<Map<string, string>> {
  const folder = path.join(parent, place, example);
  cpSync(path.join(EXAMPLES, example), folder, {
    recursive: true,
    filter: (name) => !/cdktf\.out|\.tfstate|\.terraform/.test(name),
  });
  for (const other of readdirSync(EXAMPLES).filter((candidate) => candidate !== example)) {
    const link = path.join(parent, place, other);
    if (!existsSync(link)) {
      symlinkSync(path.join(EXAMPLES, other), link);
    }
  }
  await run(process.execPath, [require.resolve('tsx/cli'), file], {
    cwd: folder,
    env: { ...process.env, ...environment },
  });
  const written = path.join(folder, 'cdktf.out');
  const stacks = readdirSync(path.join(written, 'stacks')).map((stack) => `stacks/${stack}/cdk.tf.json`);
  return new Map(
    ['manifest.json', ...stacks].map((name) => [name, readFileSync(path.join(written, name), 'utf8')]),
  );
}

interface StackJson {
  readonly terraform: { readonly required_version?: string };
  readonly variable?: Readonly<Record<string, { readonly sensitive?: boolean; readonly default?: unknown }>>;
  readonly resource?: Readonly<
    Partial<Record<string, Readonly<Record<string, { readonly provider?: string }>>>>
  >;
  readonly provider?: {
    readonly azurerm?: readonly {
      readonly alias?: string;
      readonly storage_use_azuread?: boolean;
      readonly features?: readonly {
        readonly resource_group?: readonly Readonly<Record<string, unknown>>[];
      }[];
    }[];
  };
}

it('the examples’ programs are found, those next to main.ts and those for another platform, too', () => {
  expect(programs.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['gpu/azure.ts', 'gitops/main.ts PLATFORM=local', 'quickstart/main.ts']),
  );
});

it('the examples check their types before they run, with the options of a new project, wherever they are copied to', () => {
  const options = readFileSync(path.join(root, 'templates/project/tsconfig.json'), 'utf8');
  for (const example of new Set(programs.map((program) => program.example))) {
    const read = (file: string) => readFileSync(path.join(EXAMPLES, example, file), 'utf8');
    const { app } = JSON.parse(read('cdktf.json')) as { app: string };
    expect([example, app]).toEqual([example, 'npx tsc --noEmit && npx tsx main.ts']);
    expect([example, read('tsconfig.json')]).toEqual([example, options]);
  }
});

describe.each(programs)('the example $name', (program) => {
  let here: Map<string, string>;
  let elsewhere: Map<string, string>;

  beforeAll(async () => {
    const place = program.name.replaceAll(/[/ ]/g, '-');
    here = await synth(program, `${place}-here`);
    elsewhere = await synth(program, `${place} some/where else`);
  });

  it('synthesizes to the same bytes in two folders', () => {
    expect(here.size).toBeGreaterThan(1);
    expect([...elsewhere]).toEqual([...here]);
  });

  it('names no folder of this machine', () => {
    for (const json of here.values()) {
      expect(json).not.toContain(root);
      expect(json).not.toContain(`${homedir()}/`);
    }
  });

  // azurerm deletes no resource group that holds a resource it does not know, unless told to; Application Insights
  // creates an action group in its own.
  // @see https://github.com/hashicorp/terraform-provider-azurerm/issues/18026
  it('can destroy the resource group of its Application Insights, and writes blobs without keys', () => {
    for (const json of here.values()) {
      const { resource = {}, provider: { azurerm = [] } = {} } = JSON.parse(json) as StackJson;
      const grouped = resource.azurerm_resource_group ? resource.azurerm_application_insights : undefined;
      for (const { provider = 'azurerm' } of Object.values(grouped ?? {})) {
        const used = azurerm.find(({ alias }) => provider === ['azurerm', alias ?? []].flat().join('.'));
        expect(used?.features).toMatchObject([
          { resource_group: [{ prevent_deletion_if_contains_resources: false }] },
        ]);
        expect(used?.storage_use_azuread).toBe(true);
      }
    }
  });

  it('needs no newer Terraform than its README states', () => {
    const readme = path.join(EXAMPLES, program.example, 'README.md');
    const text = existsSync(readme) ? readFileSync(readme, 'utf8') : '';
    const stated = /Terraform or OpenTofu ([\d.]+) or later/.exec(text)?.[1];
    for (const [name, json] of here) {
      const required =
        name === 'manifest.json' ? undefined : (JSON.parse(json) as StackJson).terraform.required_version;
      expect(stated === undefined || semver.satisfies(`${stated}.0`, required ?? '*')).toBe(true);
    }
  });

  it('contains no certificate, no private key and no default of a sensitive variable', () => {
    for (const json of here.values()) {
      expect(json).not.toMatch(/-----BEGIN [A-Z ]+-----/);
      const { variable = {} } = JSON.parse(json) as StackJson;
      const leaking = Object.entries(variable).filter(
        ([, { sensitive, default: value }]) => sensitive && value,
      );
      expect(leaking).toEqual([]);
    }
  });
});
