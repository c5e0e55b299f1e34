import { RandomProvider } from '@cdktf/provider-random/lib/provider';
import { Construct } from 'constructs';
import { TerraformOutput, TerraformVariable, type TerraformStack } from 'cdktf';

import { ApiKeys, type KeyVaultApiKeysProps } from '../../../constructs';
import { provideKeys } from '../../../constructs/tls-and-keys/provided-keys';
import { azureStack } from '../support/azure-stack';
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

  it('are two of its secrets', () => {
    const json = keys();
    const data = (JSON.parse(json.json) as { data: { azurerm_key_vault_secret: object } }).data;
    expect(Object.values(data.azurerm_key_vault_secret)).toEqual([
      expect.objectContaining({ key_vault_id: VAULT_ID, name: 'scoring-primary-key' }),
      expect.objectContaining({ key_vault_id: VAULT_ID, name: 'scoring-secondary-key' }),
    ]);
    expect(outputs(json)).toEqual([
      expect.stringMatching(
        /^\$\{sensitive\(data\.azurerm_key_vault_secret\.Service_PrimaryKey_\w+\.value\)\}$/,
      ),
      expect.stringMatching(
        /^\$\{sensitive\(data\.azurerm_key_vault_secret\.Service_SecondaryKey_\w+\.value\)\}$/,
      ),
    ]);
    expect(json.all('random_password')).toEqual([]);
  });

  it('may have names of yours', () => {
    expect(keys({ primarySecretName: 'one', secondarySecretName: 'two' }).json).toContain('"name": "two"');
  });

  it('detect a changed key by the versions of the secrets', () => {
    const stack = azureStack(project);
    const service = new Construct(stack, 'Service');
    const { revision } = ApiKeys.fromKeyVaultSecrets({ keyVaultId: VAULT_ID }).bind(service);
    new TerraformOutput(stack, 'revision', { value: revision, staticId: true });
    const { json } = new TerraformJson(stack);
    expect(json).toMatch(/join\(\\"\/\\", \[data\.azurerm_key_vault_secret\.Service_PrimaryKey_\w+\.version/);
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

it.each([
  ['generated', () => ApiKeys.generated(), /^\$\{sha256\(join\(.*sensitive\(random_password\..*\)\)\}$/],
  [
    'from a Key Vault',
    () => ApiKeys.fromKeyVaultSecrets({ keyVaultId: VAULT_ID }),
    /^\$\{join\(.*\.version, data\..*\.version\]\)\}$/,
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
