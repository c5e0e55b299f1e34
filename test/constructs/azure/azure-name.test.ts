import { TerraformOutput, TerraformStack, TerraformVariable, Testing } from 'cdktf';
import { Construct } from 'constructs';
import fc from 'fast-check';

import {
  AZURE_NAMES,
  azureName,
  globalAzureName,
  type AzureNameRule,
} from '../../../constructs/azure/azure-name';
import { refusal } from '../support/messages';

const rules: [string, AzureNameRule][] = Object.entries(AZURE_NAMES);

function construct(id: string): Construct {
  return new Construct(new TerraformStack(Testing.app(), 'scoring'), id);
}

describe.each(rules)('the name of %s', (_, rule) => {
  it('is valid in Azure for any construct id', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200 }), (id) => {
        const name = azureName(construct(`1${id.replaceAll('/', '-')}`), rule);
        expect(name).toMatch(rule.pattern);
        expect(name.length).toBeGreaterThanOrEqual(rule.minLength);
        expect(name.length).toBeLessThanOrEqual(rule.maxLength);
      }),
      { numRuns: 50 },
    );
  });

  it('stays the same from synth to synth, and differs for long paths that begin alike', () => {
    const long = 'a-construct-with-a-name-that-is-far-too-long-for-most-of-what-there-is-on-azure'.repeat(5);
    expect(azureName(construct('Workspace'), rule)).toBe(azureName(construct('Workspace'), rule));
    expect(azureName(construct(`${long}1`), rule)).not.toBe(azureName(construct(`${long}2`), rule));
  });

  it('is rejected with the rule if a set name is invalid', () => {
    const message = refusal(() => azureName(construct('Workspace'), rule, '?'));
    expect(message).toBe(`scoring/Workspace: name is "?"; ${rule.kind} has ${rule.expected}`);
  });
});

describe('a name that is shared with all of Azure', () => {
  const global = ['storageAccount', 'keyVault', 'containerRegistry'] as const;

  it.each(global)('for %s fits once Terraform has put in the digits of the subscription', (kind) => {
    const rule = AZURE_NAMES[kind];
    const scope = construct('A workspace with a long name');
    new TerraformOutput(scope, 'Name', { value: globalAzureName(scope, rule), staticId: true });
    const { output } = JSON.parse(Testing.synth(TerraformStack.of(scope))) as {
      output: { Name: { value: string } };
    };
    const name = output.Name.value;
    expect(name).toContain(
      '${substr(sha256(join("/", [data.azurerm_client_config.AzureClient.subscription_id, "scoring/A workspace',
    );
    const evaluated = name.replace(/\$\{substr\(.*, 0, 8\)\}/, '0a1b2c3d');
    expect(evaluated).toMatch(rule.pattern);
  });

  it('is used unchanged if set, and a token is not checked', () => {
    const scope = construct('Workspace');
    const variable = new TerraformVariable(scope, 'name', { type: 'string' });
    expect(globalAzureName(scope, AZURE_NAMES.storageAccount, { given: 'mystorage' })).toBe('mystorage');
    expect(() =>
      globalAzureName(scope, AZURE_NAMES.storageAccount, { given: variable.stringValue }),
    ).not.toThrow();
  });
});
