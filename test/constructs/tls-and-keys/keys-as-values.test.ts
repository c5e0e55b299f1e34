import path from 'node:path';

import { RandomProvider } from '@cdktf/provider-random/lib/provider';
import { Construct } from 'constructs';
import { TerraformOutput, TerraformVariable, type TerraformStack } from 'cdktf';

import { ApiKeys, type KeyVaultApiKeysProps, type KeyVaultGeneratedApiKeysProps } from '../../../constructs';
import { provideKeys } from '../../../constructs/tls-and-keys/provided-keys';
import { fakeTerraform, writeExecutable } from '../../terraform/fake-terraform';
import { azureStack, azureStackWithContext } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { difference, TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const VAULT_ID = '/subscriptions/s/resourceGroups/scoring/providers/Microsoft.KeyVault/vaults/pets';

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => {
  project.leave();
});

function provide(keys: (stack: TerraformStack) => ApiKeys, stack = azureStack(project)): TerraformJson {
  const service = new Construct(stack, 'Service');
  const { primaryKey, secondaryKey } = provideKeys(service, keys(stack).bind(service));
  new TerraformOutput(stack, 'primary', { value: primaryKey, sensitive: true, staticId: true });
  new TerraformOutput(stack, 'secondary', { value: secondaryKey, sensitive: true, staticId: true });
  return new TerraformJson(stack);
}

function outputs(json: TerraformJson): unknown {
  const { output } = JSON.parse(json.json) as { output: Record<string, { value: string }> };
  return [output.primary.value, output.secondary.value];
}

describe('generated keys on Azure', () => {
  it('are two passwords of letters and digits, which are stored in the state', () => {
    const json = provide(() => ApiKeys.generated());
    expect(json.all('random_password')).toEqual(
      ['1', '1'].map(
        (rotation) =>
          expect.objectContaining({ length: 48, special: false, keepers: { rotation } }) as unknown,
      ),
    );
    expect(outputs(json)).toEqual([
      expect.stringMatching(/^\$\{sensitive\(random_password\.Service_PrimaryKey_\w+\.result\)\}$/),
      expect.stringMatching(/^\$\{sensitive\(random_password\.Service_SecondaryKey_\w+\.result\)\}$/),
    ]);
  });

  it('are rotated one without the other', () => {
    const before = provide(() => ApiKeys.generated());
    const after = provide(() => ApiKeys.generated({ secondaryRotation: '2026-01' }));
    const keepers = (json: TerraformJson) => json.all('random_password').map(({ keepers: kept }) => kept);
    expect(keepers(before)).toEqual([{ rotation: '1' }, { rotation: '1' }]);
    expect(keepers(after)).toEqual([{ rotation: '1' }, { rotation: '2026-01' }]);
    expect(difference(before, after)).toMatchObject({ added: [], removed: [] });
  });

  it('declare the provider that generates them, unless the stack has it', () => {
    expect(provide(() => ApiKeys.generated()).providers('random')).toHaveLength(1);
    const stack = azureStack(project);
    new RandomProvider(stack, 'mine');
    expect(provide(() => ApiKeys.generated(), stack).providers('random')).toHaveLength(1);
  });
});

describe('keys of a Key Vault', () => {
  const keys = (props: Partial<KeyVaultApiKeysProps> = {}) =>
    provide(() => ApiKeys.fromKeyVaultSecrets({ keyVaultId: VAULT_ID, ...props }));

  it('are two of its secrets, which Terraform reads without storing them', () => {
    const json = keys();
    const [[primary, primaryBlock], [secondary, secondaryBlock]] = [...json.ephemerals];
    expect([primaryBlock, secondaryBlock]).toEqual([
      expect.objectContaining({ key_vault_id: VAULT_ID, name: 'scoring-primary-key' }),
      expect.objectContaining({ key_vault_id: VAULT_ID, name: 'scoring-secondary-key' }),
    ]);
    expect(primary).toMatch(/^azurerm_key_vault_secret\.Service_PrimaryKey_\w+$/);
    expect(outputs(json)).toEqual([`\${ephemeral.${primary}.value}`, `\${ephemeral.${secondary}.value}`]);
    expect(json.requiredVersion).toBe('>= 1.11.0');
    expect(json.all('random_password')).toEqual([]);
  });

  it('are the versions that the plan has seen', () => {
    const [{ version }] = [...keys().ephemerals.values()];
    expect(version).toMatch(
      /^\$\{element\(split\("\/", data\.azapi_resource\.Service_PrimaryKeyVersion_\w+\.output\.properties\.secretUriWithVersion\), 5\)\}$/,
    );
  });

  it.each(['terraform', 'opentofu'] as const)(
    'need 1.11 of %s, or the context that stores them',
    (product) => {
      const old = fakeTerraform('1.10.5', product);
      const binary = writeExecutable(path.join(project.folder, `old-${product}`), old);
      const { TERRAFORM_BINARY_NAME: before } = process.env;
      process.env.TERRAFORM_BINARY_NAME = binary;
      try {
        expect(refusal(() => keys())).toContain(
          `stack: ${binary} is version 1.10.5, but keeping secrets out of the state requires 1.11 or later; install a newer ` +
            'version, or set "cdktf-brainwave:secretsInState": "true" in the context of cdktf.json',
        );
      } finally {
        if (before === undefined) {
          delete process.env.TERRAFORM_BINARY_NAME;
        } else {
          process.env.TERRAFORM_BINARY_NAME = before;
        }
      }
    },
  );

  it('are stored if the context says so, which must be true or false', () => {
    const withContext = (value: unknown) => {
      const stack = azureStackWithContext(project, { 'cdktf-brainwave:secretsInState': value });
      return provide(() => ApiKeys.fromKeyVaultSecrets({ keyVaultId: VAULT_ID }), stack);
    };
    const stored = withContext(true);
    expect([...stored.ephemerals]).toEqual([]);
    expect(outputs(stored)).toEqual([
      expect.stringMatching(
        /^\$\{sensitive\(data\.azurerm_key_vault_secret\.Service_PrimaryKey_\w+\.value\)\}$/,
      ),
      expect.stringMatching(
        /^\$\{sensitive\(data\.azurerm_key_vault_secret\.Service_SecondaryKey_\w+\.value\)\}$/,
      ),
    ]);
    expect(stored.requiredVersion).toBeUndefined();
    expect(stored.warnings).toHaveLength(1);
    expect(withContext('false').ephemerals.size).toBe(2);
    expect(refusal(() => withContext('yes'))).toBe(
      'stack/Service: the context cdktf-brainwave:secretsInState is "yes"; expected true or false',
    );
  });

  it('may have names of yours', () => {
    expect(keys({ primarySecretName: 'one', secondarySecretName: 'two' }).json).toContain('"name": "two"');
  });

  it.each([
    [
      { keyVaultId: 'pets' },
      `keyVaultId is "pets"; expected a vault's ARM id, such as ` +
        '/subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/my-vault',
    ],
    [{ primarySecretName: '' }, 'primarySecretName is ""; expected 1 to 127 letters, digits and "-"'],
    [
      { secondarySecretName: 'a_b' },
      'secondarySecretName is "a_b"; expected 1 to 127 letters, digits and "-"',
    ],
  ])('are rejected with %j', (props, message) => {
    expect(refusal(() => keys(props))).toBe(`stack/Service: ${message}`);
  });
});

describe('keys that are generated in a Key Vault', () => {
  const keys = (props: Partial<KeyVaultGeneratedApiKeysProps> = {}) =>
    provide(() => ApiKeys.generatedInKeyVault({ keyVaultId: VAULT_ID, ...props }));

  it('are written to two secrets, and never stored', () => {
    const json = keys({ primaryRotation: 3 });
    const passwords = [...json.ephemerals].filter(([address]) => address.startsWith('random_password.'));
    expect(passwords.map(([, { length, special }]) => [length, special])).toEqual([
      [48, false],
      [48, false],
    ]);
    expect(json.all('azurerm_key_vault_secret')).toEqual([
      expect.objectContaining({
        name: 'scoring-primary-key',
        value_wo: `\${ephemeral.${passwords[0][0]}.result}`,
        value_wo_version: 3,
      }),
      expect.objectContaining({
        name: 'scoring-secondary-key',
        value_wo: `\${ephemeral.${passwords[1][0]}.result}`,
        value_wo_version: 1,
      }),
    ]);
    expect(json.all('random_password')).toEqual([]);
    expect(json.providers('random')).toHaveLength(1);
  });

  it('are read from the vault once their secrets exist', () => {
    const json = keys();
    const [, read] = [...json.ephemerals].find(([address]) => address.startsWith('azurerm_')) ?? [];
    expect(read?.name).toMatch(
      /^\$\{element\(split\("\/", azurerm_key_vault_secret\.Service_PrimaryKeySecret_\w+\.versionless_id\), 4\)\}$/,
    );
    expect(read).not.toHaveProperty('version');
  });

  it('have their rotations as their revision', () => {
    const service = new Construct(azureStack(project), 'Service');
    const { revision } = ApiKeys.generatedInKeyVault({ keyVaultId: VAULT_ID, secondaryRotation: 2 }).bind(
      service,
    );
    expect(revision).toBe('1/2');
  });

  it('are rejected with a rotation that is no number, or with a context that stores secrets', () => {
    expect(refusal(() => keys({ primaryRotation: 1.5 }))).toMatch(
      /^stack\/Service: primaryRotation is 1\.5; expected /,
    );
    const stack = azureStackWithContext(project, { 'cdktf-brainwave:secretsInState': 'true' });
    expect(refusal(() => provide(() => ApiKeys.generatedInKeyVault({ keyVaultId: VAULT_ID }), stack))).toBe(
      'stack/Service: ApiKeys.generatedInKeyVault keeps keys out of the state, but the context cdktf-brainwave:secretsInState ' +
        'is set for an older Terraform; use ApiKeys.generated, or remove the context',
    );
  });
});

it.each([
  ['generated', () => ApiKeys.generated(), /^\$\{sha256\(join\(.*sensitive\(random_password\..*\)\)\}$/],
  [
    'from a Key Vault',
    () => ApiKeys.fromKeyVaultSecrets({ keyVaultId: VAULT_ID }),
    /^\$\{join\("\/", \[element\(split\("\/", data\.azapi_resource\..*\), 5\), element\(.*\)\]\)\}$/,
  ],
])('keys that are %s have a revision, which changes with them', (_, keys, expected) => {
  const stack = azureStack(project);
  const service = new Construct(stack, 'Service');
  const { revision } = provideKeys(service, keys().bind(service));
  new TerraformOutput(stack, 'revision', { value: revision, sensitive: true, staticId: true });
  const { output } = JSON.parse(new TerraformJson(stack).json) as {
    output: { revision: { value: string } };
  };
  expect(output.revision.value).toMatch(expected);
});

it('keys of variables are those values', () => {
  const json = provide((stack) =>
    ApiKeys.fromVariables({
      primaryKey: new TerraformVariable(stack, 'primary_key', { sensitive: true }),
      secondaryKey: new TerraformVariable(stack, 'secondary_key', { sensitive: true }),
    }),
  );
  expect(outputs(json)).toEqual(['${sensitive(var.primary_key)}', '${sensitive(var.secondary_key)}']);
});
