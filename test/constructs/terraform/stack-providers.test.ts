import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import type { App, TerraformStack } from 'cdktf';

import { AzapiProvider, AzapiResource, DnsRecords, DnsZone, Workspace } from '../../../constructs';
import { FakeWebservice, synthStack } from '../../../constructs/testing';
import { refusal } from '../support/messages';
import { TestProject } from '../support/test-project';

describe('records in a zone of another stack, whose provider has an alias', () => {
  let project: TestProject;
  let app: App;
  let names: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    app = project.app();
    const zones = project.stack('zones', app);
    const provider = new AzurermProvider(zones, 'azurerm', { features: [{}], alias: 'hub' });
    const zone = new DnsZone(zones, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
      provider,
    });
    names = project.stack('names', app);
    for (const id of ['Cats', 'Dogs']) {
      const service = new FakeWebservice(names, id, { hostname: `${id.toLowerCase()}.example.com` });
      new DnsRecords(names, `${id}Dns`, { zone, service });
    }
  });

  afterEach(() => {
    project.leave();
  });

  it('are rejected at synth where their own stack has none of that alias, once for all of them', () => {
    new AzurermProvider(names, 'azurerm', { features: [{}] });

    expect(refusal(() => synthStack(names))).toBe(
      'the stack cannot be synthesized:\n' +
        'names/CatsDns/A: its provider azurerm.hub is declared in the stack "zones" but not in its own stack "names"; ' +
        "declare it there, too, with alias: 'hub'",
    );
  });

  it('are made with the one of that alias in their own stack', () => {
    new AzurermProvider(names, 'azurerm-of-the-hub', { features: [{}], alias: 'hub' });

    const { resource } = JSON.parse(synthStack(names).json) as {
      resource: { azurerm_dns_a_record: Record<string, { provider: string }> };
    };
    const providers = Object.values(resource.azurerm_dns_a_record).map(({ provider }) => provider);
    expect(providers).toEqual(['azurerm.hub', 'azurerm.hub']);
  });
});

const RESOURCE_GROUP = {
  type: 'Microsoft.Resources/resourceGroups@2024-03-01',
  name: 'cats',
  parentId: '/subscriptions/00000000-0000-0000-0000-000000000000',
  location: 'westeurope',
};

describe('a stack for Azure without its providers', () => {
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject();
  });

  afterEach(() => {
    project.leave();
  });

  it('is rejected with the lines to add, one for each provider', () => {
    const stack = project.stack();
    new Workspace(stack, 'Workspace', { location: 'westeurope' });
    new AzapiResource(stack, 'Group', RESOURCE_GROUP);

    const message = refusal(() => synthStack(stack));
    expect(message).toMatch(
      /stack\/Workspace\/\w+: its stack "stack" declares no provider azurerm; add new AzurermProvider\(stack, 'azurerm', \{ features: \[\{\}\] \}\), from '@cdktf\/provider-azurerm\/lib\/provider'/,
    );
    expect(message).toMatch(
      /stack\/[\w/]+: its stack "stack" declares no provider azapi; add new AzapiProvider\(stack, 'azapi'\), from 'cdktf-brainwave'/,
    );
  });

  it('is accepted once they are there', () => {
    const stack = project.stack();
    new AzurermProvider(stack, 'azurerm', { features: [{}] });
    new AzapiProvider(stack, 'azapi');
    new AzapiResource(stack, 'Group', RESOURCE_GROUP);
    new Workspace(stack, 'Workspace', { location: 'westeurope' });

    expect(() => synthStack(stack)).not.toThrow();
  });
});
