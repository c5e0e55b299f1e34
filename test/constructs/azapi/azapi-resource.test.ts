import {
  AzapiProvider,
  AzapiResource,
  AzapiResourceAction,
  AzapiUpdateResource,
  DataAzapiResource,
} from '../../../constructs';
import { azapiBodyProblems, expectValidAzapiBodies } from '../../support/azapi-schemas';
import { azureStack, tagAll } from '../support/azure-stack';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const WORKSPACE_ID =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w';
const COMPUTE = 'Microsoft.MachineLearningServices/workspaces/computes@2025-06-01';
const MODEL = 'Microsoft.MachineLearningServices/workspaces/models@2025-06-01';

describe('azapi', () => {
  let project: TestProject;
  beforeEach(() => {
    project = new TestProject();
  });
  afterEach(() => {
    project.leave();
  });

  it('asks Terraform for the provider azure/azapi, 2.9 or later', () => {
    const stack = project.stack();
    new AzapiProvider(stack, 'azapi', {
      alias: 'other',
      subscriptionId: 's',
      tenantId: 't',
      clientId: 'c',
      useOidc: true,
      useMsi: false,
      useCli: false,
      environment: 'public',
    });
    new AzapiResource(stack, 'Model', { type: MODEL, name: 'm', parentId: WORKSPACE_ID });
    const synthesized = new TerraformJson(stack);
    expect(JSON.parse(synthesized.json)).toMatchObject({
      terraform: { required_providers: { azapi: { source: 'azure/azapi', version: '~> 2.9' } } },
    });
    expect(synthesized.providers('azapi')).toEqual([
      {
        alias: 'other',
        client_id: 'c',
        environment: 'public',
        subscription_id: 's',
        tenant_id: 't',
        use_cli: false,
        use_msi: false,
        use_oidc: true,
      },
    ]);
  });

  it('sends a body as an object, with every argument that is set', () => {
    const stack = azureStack(project);
    const other = new AzapiResource(stack, 'Other', { type: MODEL, name: 'm', parentId: WORKSPACE_ID });
    const resource = new AzapiResource(stack, 'Compute', {
      type: COMPUTE,
      name: 'attached',
      parentId: WORKSPACE_ID,
      location: 'westeurope',
      body: { properties: { computeType: 'Kubernetes', resourceId: other.id } },
      sensitiveBody: { properties: { properties: { relayConnectionString: other.outputString('x') } } },
      sensitiveBodyVersion: { 'properties.properties.relayConnectionString': '1' },
      identity: { type: 'UserAssigned', identityIds: ['/i'] },
      tags: { team: 'vision' },
      responseExportValues: ['properties.provisioningState'],
      schemaValidationEnabled: false,
      dependsOn: [other],
    });
    new AzapiResource(stack, 'Reader', {
      type: MODEL,
      name: resource.outputString('properties.provisioningState'),
      parentId: resource.id,
    });
    const compute = new TerraformJson(stack).resources.get('azapi_resource.Compute');
    expect(compute).toMatchObject({
      type: COMPUTE,
      name: 'attached',
      parent_id: WORKSPACE_ID,
      location: 'westeurope',
      body: { properties: { computeType: 'Kubernetes', resourceId: '${azapi_resource.Other.id}' } },
      sensitive_body: {
        properties: { properties: { relayConnectionString: '${azapi_resource.Other.output.x}' } },
      },
      sensitive_body_version: { 'properties.properties.relayConnectionString': '1' },
      identity: [{ type: 'UserAssigned', identity_ids: ['/i'] }],
      tags: { team: 'vision' },
      response_export_values: ['properties.provisioningState'],
      schema_validation_enabled: false,
      depends_on: ['azapi_resource.Other'],
    });
    expect(new TerraformJson(stack).resources.get('azapi_resource.Reader')).toMatchObject({
      name: '${azapi_resource.Compute.output.properties.provisioningState}',
      parent_id: '${azapi_resource.Compute.id}',
    });
  });

  it('accepts tags of Aspects: as the resource’s, or into the properties of what has no others', () => {
    const stack = azureStack(project);
    new AzapiResource(stack, 'Compute', {
      type: COMPUTE,
      name: 'c',
      parentId: WORKSPACE_ID,
      location: 'westeurope',
      body: { properties: { computeType: 'Kubernetes' } },
    });
    new AzapiResource(stack, 'Model', {
      type: MODEL,
      name: 'm',
      parentId: WORKSPACE_ID,
      body: { properties: { isArchived: false } },
      tags: { own: 'yes' },
      tagsInProperties: true,
    });
    tagAll(stack, { team: 'vision' });
    const synthesized = new TerraformJson(stack);
    expect(synthesized.resources.get('azapi_resource.Compute')).toMatchObject({ tags: { team: 'vision' } });
    const model = synthesized.resources.get('azapi_resource.Model');
    expect(model).toMatchObject({
      body: { properties: { isArchived: false, tags: { own: 'yes', team: 'vision' } } },
    });
    expect(model).not.toHaveProperty('tags');
    expectValidAzapiBodies(synthesized.json);
  });

  it('asks for keys and reads them as sensitive values', () => {
    const stack = azureStack(project);
    const action = new AzapiResourceAction(stack, 'Keys', {
      type: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints@2025-06-01',
      resourceId: `${WORKSPACE_ID}/onlineEndpoints/e`,
      action: 'listKeys',
      sensitiveResponseExportValues: ['primaryKey'],
    });
    new AzapiUpdateResource(stack, 'Update', {
      type: MODEL,
      resourceId: action.id,
      body: { properties: { description: action.sensitiveOutputString('primaryKey') } },
      sensitiveBody: { properties: {} },
      responseExportValues: ['id'],
    });
    tagAll(stack, { team: 'vision' });
    const synthesized = new TerraformJson(stack);
    expect(synthesized.only('azapi_resource_action')).toMatchObject({
      action: 'listKeys',
      resource_id: `${WORKSPACE_ID}/onlineEndpoints/e`,
      sensitive_response_export_values: ['primaryKey'],
    });
    expect(synthesized.only('azapi_resource_action')).not.toHaveProperty('body');
    expect(synthesized.only('azapi_update_resource')).toMatchObject({
      resource_id: '${azapi_resource_action.Keys.id}',
      body: { properties: { description: '${azapi_resource_action.Keys.sensitive_output.primaryKey}' } },
      response_export_values: ['id'],
    });
  });

  it('reads a resource that exists', () => {
    const stack = azureStack(project);
    const data = new DataAzapiResource(stack, 'Workspace', {
      type: 'Microsoft.MachineLearningServices/workspaces@2025-06-01',
      resourceId: WORKSPACE_ID,
      responseExportValues: ['properties.keyVault'],
    });
    new AzapiResource(stack, 'Model', {
      type: MODEL,
      name: data.outputString('properties.keyVault'),
      parentId: data.id,
    });
    const synthesized = new TerraformJson(stack);
    expect(synthesized.data('azapi_resource')).toMatchObject({
      resource_id: WORKSPACE_ID,
      response_export_values: ['properties.keyVault'],
    });
    expect(synthesized.only('azapi_resource')).toMatchObject({
      name: '${data.azapi_resource.Workspace.output.properties.keyVault}',
    });
  });
});

describe('the check of azapi bodies', () => {
  const json = (block: object, kind = 'azapi_resource') =>
    JSON.stringify({ resource: { [kind]: { Some: block } } });

  it('fails for a misspelt property, naming it', () => {
    const misspelt = json({ type: MODEL, body: { properties: { isArchivd: false } } });
    expect(azapiBodyProblems(misspelt)).toEqual([expect.stringContaining('isArchivd')]);
    expect(() => {
      expectValidAzapiBodies(misspelt);
    }).toThrow('azapi_resource.Some');
  });

  it('fails for a kind without a schema, and for tags of a kind that has none', () => {
    expect(azapiBodyProblems(json({ type: 'Microsoft.None/such@2025-01-01' }))).toEqual([
      expect.stringContaining('no schema'),
    ]);
    expect(azapiBodyProblems(json({ type: MODEL, tags: { a: 'b' }, body: { properties: {} } }))).toEqual([
      expect.stringContaining('the kind has no tags'),
    ]);
  });

  it('accepts references where numbers belong, a part for an update, and checks what a PUT writes', () => {
    const body = { properties: { isArchived: '${var.archived}' } };
    expect(azapiBodyProblems(json({ type: MODEL, body }))).toEqual([]);
    expect(azapiBodyProblems(json({ type: MODEL, body: {} }, 'azapi_update_resource'))).toEqual([]);
    expect(
      azapiBodyProblems(json({ type: MODEL, method: 'PUT', body: {} }, 'azapi_resource_action')),
    ).toEqual([expect.stringContaining('properties')]);
  });
});
