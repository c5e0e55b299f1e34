import { mkdirSync } from 'node:fs';
import path from 'node:path';

import type { TerraformStack } from 'cdktf';

import { RegisteredModel, Workspace } from '../../../constructs';
import { expectValidAzapiBodies } from '../../support/azapi-schemas';
import { azureStack } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const CONFIG = JSON.stringify({ subscription_id: 'sub', resource_group: 'group', workspace_name: 'vision' });
const ID =
  '/subscriptions/sub/resourceGroups/group/providers/Microsoft.MachineLearningServices/workspaces/vision';

describe('Workspace.fromConfig', () => {
  let project: TestProject;
  let stack: TerraformStack;
  beforeEach(() => {
    project = new TestProject();
    stack = azureStack(project);
  });
  afterEach(() => {
    project.leave();
  });

  it.each(['config.json', '.azureml/config.json'])('finds %s in the working directory', (file) => {
    project.write(file, CONFIG);
    expect(Workspace.fromConfig(stack, 'Workspace').azure?.workspaceId).toBe(ID);
  });

  it.each(['config.json', '.azureml/config.json'])('finds %s in a folder above', (file) => {
    project.write(file, CONFIG);
    mkdirSync(path.join(project.folder, 'stacks/scoring'), { recursive: true });
    expect(Workspace.fromConfig(stack, 'Workspace', { path: 'stacks/scoring' }).workspaceName).toBe('vision');
  });

  it('prefers the nearest folder, takes a file, and config.json before .azureml, as the SDK does', () => {
    project.write('config.json', CONFIG);
    project.write('.azureml/config.json', CONFIG.replace('vision', 'hidden'));
    project.write('stacks/.azureml/config.json', CONFIG.replace('vision', 'near'));
    project.write('other.json', CONFIG.replace('vision', 'other'));
    expect(Workspace.fromConfig(stack, 'A').workspaceName).toBe('vision');
    expect(Workspace.fromConfig(stack, 'B', { path: 'stacks' }).workspaceName).toBe('near');
    expect(Workspace.fromConfig(stack, 'C', { path: 'other.json' }).workspaceName).toBe('other');
  });

  it('looks up what the file does not say', () => {
    project.write('config.json', CONFIG);
    const workspace = Workspace.fromConfig(stack, 'Workspace');
    new RegisteredModel(stack, 'Model', { workspace, name: 'm', serviceDefinition: project.definition() });
    const synthesized = new TerraformJson(stack);
    expect(synthesized.data('azapi_resource')).toMatchObject({ resource_id: ID });
    expect(synthesized.only('azurerm_storage_container')).toMatchObject({
      storage_account_id: expect.stringMatching(
        /^\$\{data\.azapi_resource\..*\.output\.properties\.storageAccount\}$/,
      ) as string,
    });
    expect(synthesized.only('azurerm_storage_blob')).toMatchObject({
      storage_account_name: expect.stringMatching(
        /^\$\{element\(split\("\/", data\.azapi_resource.*\), 8\)\}$/,
      ) as string,
    });
    expect(synthesized.only('azurerm_machine_learning_datastore_blobstorage')).toMatchObject({
      workspace_id: ID,
      service_data_auth_identity: 'WorkspaceSystemAssignedIdentity',
    });
    expectValidAzapiBodies(synthesized.json);
  });

  it('reports where it searched if there is none, and where to get one', () => {
    const message = refusal(() => Workspace.fromConfig(stack, 'Workspace', { path: '/' }));
    expect(message).toBe(
      'stack: config.json does not exist in /, its folder .azureml, or a parent folder; ' +
        "download it from the workspace's page in the Azure portal, or use Workspace.fromWorkspaceAttributes",
    );
    expect(refusal(() => Workspace.fromConfig(stack, 'Workspace', { path: 'nowhere' }))).toContain(
      'nowhere, which does not exist; set a path relative to the working directory',
    );
  });

  it('reports what is wrong with a file', () => {
    project.write('config.json', '{');
    expect(refusal(() => Workspace.fromConfig(stack, 'Workspace'))).toContain('config.json is not JSON');
    project.write('config.json', '{"subscription_id": "sub", "workspace_name": ""}');
    expect(refusal(() => Workspace.fromConfig(stack, 'Workspace'))).toContain(
      'config.json has no resource_group, workspace_name; expected {"subscription_id"',
    );
  });
});

describe('Workspace.fromWorkspaceAttributes', () => {
  let project: TestProject;
  beforeEach(() => {
    project = new TestProject();
  });
  afterEach(() => {
    project.leave();
  });

  it('looks up nothing if all attributes are set', () => {
    const stack = azureStack(project);
    const account =
      '/subscriptions/sub/resourceGroups/group/providers/Microsoft.Storage/storageAccounts/store';
    const registry =
      '/subscriptions/sub/resourceGroups/group/providers/Microsoft.ContainerRegistry/registries/images';
    const workspace = Workspace.fromWorkspaceAttributes(stack, 'Workspace', {
      workspaceId: ID,
      location: 'westeurope',
      storageAccountId: account,
      keyVaultId: '/vault',
      containerRegistryId: registry,
      datastoreIdentity: 'None',
    });
    expect(workspace.azure).toEqual({
      workspaceId: ID,
      resourceGroupName: 'group',
      location: 'westeurope',
      storageAccountId: account,
      storageAccountName: 'store',
      keyVaultId: '/vault',
      containerRegistryId: registry,
      containerRegistryLoginServer: 'images.azurecr.io',
      datastoreIdentity: 'None',
    });
    expect(new TerraformJson(stack).json).not.toContain('data.azapi_resource');
  });

  it('rejects an invalid workspace id', () => {
    const stack = azureStack(project);
    expect(
      refusal(() => Workspace.fromWorkspaceAttributes(stack, 'Workspace', { workspaceId: 'vision' })),
    ).toBe(
      'stack/Workspace: workspaceId is "vision"; expected ' +
        '/subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.MachineLearningServices/workspaces/<name>',
    );
  });
});
