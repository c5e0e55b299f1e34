import type { TerraformStack } from 'cdktf';

import { RegisteredModel, Workspace, type RegisteredModelProps } from '../../../constructs';
import { expectValidAzapiBodies } from '../../support/azapi-schemas';
import { azureStack } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { TerraformJson, difference } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

describe('RegisteredModel on Azure', () => {
  let project: TestProject;
  beforeEach(() => {
    project = new TestProject();
  });
  afterEach(() => {
    project.leave();
  });

  function declare(props: Partial<RegisteredModelProps> = {}): {
    stack: TerraformStack;
    model: RegisteredModel;
  } {
    const stack = azureStack(project);
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const serviceDefinition = props.serviceDefinition ?? project.definition();
    const model = new RegisteredModel(stack, 'Model', {
      workspace,
      name: 'flowers',
      ...props,
      serviceDefinition,
    });
    return { stack, model };
  }

  it('keeps the zip in a container and a datastore of its own, read by the workspace’s identity', () => {
    const { stack, model } = declare();
    const synthesized = new TerraformJson(stack);
    const address = (type: string, kind?: string) => synthesized.address(type, kind);
    expect(synthesized.only('azurerm_storage_container')).toMatchObject({
      name: 'stack-model-files',
      container_access_type: 'private',
      storage_account_id: `\${${address('azurerm_storage_account')}.id}`,
    });
    expect(synthesized.only('azurerm_machine_learning_datastore_blobstorage')).toMatchObject({
      name: 'stack_model_files',
      storage_container_id: `\${${address('azurerm_storage_container')}.id}`,
      workspace_id: `\${${address('azapi_resource', 'MachineLearningServices/workspaces')}.id}`,
      service_data_auth_identity: 'WorkspaceUserAssignedIdentity',
    });
    const blob = synthesized.only('azurerm_storage_blob');
    expect(blob).toMatchObject({
      name: `${model.modelVersion}/service-definition.zip`,
      storage_container_name: `\${${address('azurerm_storage_container')}.name}`,
      metadata: { sha256: model.serviceDefinition!.sha256 },
      lifecycle: { create_before_destroy: true },
    });
    expect(blob.source).toMatch(/^assets\/.*service-definition\.zip$/);
    expect(synthesized.only('azurerm_machine_learning_datastore_blobstorage')).not.toHaveProperty(
      'account_key',
    );
  });

  it('registers the model and its version once the zip is there', () => {
    const { stack, model } = declare({ tags: { stage: 'test' } });
    const synthesized = new TerraformJson(stack);
    const datastore = synthesized.address('azurerm_machine_learning_datastore_blobstorage');
    const blob = synthesized.address('azurerm_storage_blob');
    const workspace = synthesized.address('azapi_resource', 'MachineLearningServices/workspaces');
    expect(synthesized.only('azapi_resource', 'workspaces/models')).toMatchObject({
      type: 'Microsoft.MachineLearningServices/workspaces/models@2025-06-01',
      name: 'flowers',
      parent_id: `\${${workspace}.id}`,
      body: { properties: { isArchived: false, tags: { stage: 'test' } } },
    });
    const version = synthesized.only('azapi_resource_action');
    expect(version).toMatchObject({
      type: 'Microsoft.MachineLearningServices/workspaces/models/versions@2025-06-01',
      resource_id: `\${${synthesized.address('azapi_resource', 'workspaces/models')}.id}/versions/${model.modelVersion}`,
      method: 'PUT',
      body: {
        properties: {
          modelType: 'custom_model',
          modelUri:
            `azureml://subscriptions/\${element(split("/", ${workspace}.id), 2)}` +
            `/resourceGroups/\${${synthesized.address('azurerm_resource_group')}.name}` +
            `/workspaces/\${${workspace}.name}/datastores/\${${datastore}.name}/paths/${model.modelVersion}/service-definition.zip`,
          properties: { sha256: model.serviceDefinition!.sha256 },
          tags: { stage: 'test' },
        },
      },
    });
    expect(version.depends_on).toEqual([blob, datastore]);
    expectValidAzapiBodies(synthesized.json);
  });

  it('does not change for an unchanged definition', () => {
    const before = new TerraformJson(declare().stack);
    const after = new TerraformJson(declare().stack);
    expect(after.json).toBe(before.json);
  });

  it('writes a changed definition as a new version, by a request that is never undone', () => {
    const before = new TerraformJson(declare().stack);
    const after = new TerraformJson(declare({ serviceDefinition: project.definition({ op: 'Relu' }) }).stack);
    const { added, removed, changed } = difference(before, after);
    expect([...added, ...removed]).toEqual([]);
    // The model stays as it is; of the version, it is the request's target that is another.
    expect(Object.keys(changed).sort()).toEqual(['azapi_resource_action', 'azurerm_storage_blob']);
    expect(changed.azapi_resource_action).toContain('resource_id');
    const action = after.only('azapi_resource_action');
    expect(action.when ?? 'apply').toBe('apply');
  });

  it('registers several versions of one model, which stays when the construct of one of them is removed', () => {
    const models = (...versions: string[]) => {
      const stack = azureStack(project);
      const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
      for (const version of versions) {
        const serviceDefinition = project.definition();
        new RegisteredModel(stack, `Version${version}`, {
          workspace,
          name: 'flowers',
          version,
          serviceDefinition,
        });
      }
      return new TerraformJson(stack);
    };
    const both = models('1', '2');
    expect(
      both.all('azapi_resource_action').map(({ resource_id: id }) => String(id).split('/').at(-1)),
    ).toEqual(['1', '2']);
    const { removed, changed } = difference(both, models('2'));
    expect(removed).toContain('azapi_resource_action');
    expect(removed).not.toContain('azapi_resource');
    expect(changed).not.toHaveProperty('azapi_resource');
  });

  it('rejects one version of a model twice in a workspace', () => {
    const stack = azureStack(project);
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const serviceDefinition = project.definition();
    new RegisteredModel(stack, 'One', { workspace, name: 'flowers', version: '1', serviceDefinition });
    new RegisteredModel(stack, 'Two', { workspace, name: 'flowers', version: '1', serviceDefinition });
    expect(refusal(() => new TerraformJson(stack))).toContain(
      'stack/Two: version "1" of "flowers" in the workspace\'s models is also declared by stack/One; ' +
        'set another version or name for one of them',
    );
  });

  it("rejects one model in two stacks: destroying one would remove the other's versions", () => {
    const app = project.app();
    const [first, second] = ['first', 'second'].map((name) => azureStack(project, name, app));
    const workspace = new Workspace(first, 'Workspace', { location: 'westeurope' });
    const serviceDefinition = project.definition();
    new RegisteredModel(first, 'Model', { workspace, name: 'flowers', version: '1', serviceDefinition });
    new RegisteredModel(second, 'Model', { workspace, name: 'flowers', version: '2', serviceDefinition });
    expect(refusal(() => new TerraformJson(second))).toContain(
      'second/Model: "flowers" in the workspace\'s models is also declared by first/Model, ' +
        'so destroying one would remove the other; set another name for one of them',
    );
  });
});
