import { App, TerraformOutput, TerraformStack, Token } from 'cdktf';
import { Construct } from 'constructs';

import {
  AzapiProvider,
  AttachedKubernetesCluster,
  OnlineEndpoint,
  RegisteredModel,
  LocalWorkspace,
  ModelFolder,
  OnlineDeployment,
  ScoringEnvironment,
  SslSettings,
  Workspace,
  type AzureWorkspace,
  type IWorkspace,
  type RegisteredModelLocation,
} from '../../../constructs';
import { azapiBodyProblems, expectValidAzapiBodies } from '../../support/azapi-schemas';
import { azureStack } from '../support/azure-stack';
import { refusal } from '../support/messages';
import {
  SCRIPT,
  curatedEnvironment,
  declareCode,
  declareCompute,
  declareDeployment,
  type DeploymentVariation,
} from '../support/online-endpoint';
import { TerraformJson, difference, type Arguments } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const KINDS = 'Microsoft.MachineLearningServices/workspaces';

/** A workspace of the user's own making, of which little is known. */
class BareWorkspace extends Construct implements IWorkspace {
  readonly workspaceName = 'bare';
  readonly azure: AzureWorkspace = {
    workspaceId:
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/bare',
    resourceGroupName: 'g',
    location: 'westeurope',
  };

  registerModel(): RegisteredModelLocation {
    return { revision: '1' };
  }
}

describe('OnlineEndpoint and OnlineDeployment', () => {
  let project: TestProject;
  let stack: TerraformStack;
  beforeEach(() => {
    project = new TestProject();
    stack = azureStack(project);
  });
  afterEach(() => {
    project.leave();
  });

  function find(json: TerraformJson, kind: string): { address: string; args: Arguments } {
    const found = [...json.resources].filter(([, args]) => args.type === `${KINDS}/${kind}@2025-06-01`);
    expect(found).toHaveLength(1);
    const [[address, args]] = found;
    return { address, args };
  }

  function refused(variation: DeploymentVariation): string {
    return refusal(() => declareDeployment(project, stack, variation));
  }

  it('has keys, an identity with its two roles, and runs on the compute', () => {
    declareDeployment(project, stack);
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    const endpoint = find(json, 'onlineEndpoints');
    const roles = [...json.resources].filter(([address]) =>
      address.startsWith('azurerm_role_assignment.Endpoint_'),
    );
    const identity = [...json.resources.keys()].find((address) =>
      address.startsWith('azurerm_user_assigned_identity.Endpoint_'),
    );
    expect(roles.map(([, { role_definition_name: role, scope }]) => [role, scope]).sort()).toEqual([
      ['AcrPull', `\${${json.address('azurerm_container_registry')}.id}`],
      ['Storage Blob Data Reader', `\${${json.address('azurerm_storage_account')}.id}`],
    ]);
    expect(endpoint.args).toMatchObject({
      name: 'stack-endpoint',
      parent_id: `\${${json.address('azapi_resource', 'MachineLearningServices/workspaces')}.id}`,
      location: 'westeurope',
      identity: [{ type: 'UserAssigned', identity_ids: [`\${${identity ?? ''}.id}`] }],
      response_export_values: ['properties.scoringUri'],
    });
    expect(endpoint.args.body).toEqual({
      properties: { authMode: 'Key', compute: `\${${find(json, 'computes').address}.id}` },
    });
    expect(endpoint.args.depends_on).toEqual(
      expect.arrayContaining([find(json, 'computes').address, ...roles.map(([address]) => address)]),
    );
  });

  it('tells its address, and its keys as sensitive values that are asked for each time', () => {
    const { endpoint } = declareDeployment(project, stack);
    new TerraformOutput(stack, 'key', { value: endpoint.primaryKey, sensitive: true, staticId: true });
    new TerraformOutput(stack, 'other', { value: endpoint.secondaryKey, sensitive: true, staticId: true });
    endpoint.addOutputs();
    const json = new TerraformJson(stack);
    const { address } = find(json, 'onlineEndpoints');
    expect(json.data('azapi_resource_action')).toMatchObject({
      type: `${KINDS}/onlineEndpoints@2025-06-01`,
      resource_id: `\${${address}.id}`,
      action: 'listKeys',
      method: 'POST',
      sensitive_response_export_values: ['primaryKey', 'secondaryKey'],
    });
    expect(json.json).toContain(`\${${address}.output.properties.scoringUri}`);
    expect(json.json).toMatch(
      /\$\{sensitive\(data\.azapi_resource_action\.\w+\.sensitive_output\.primaryKey\)\}/,
    );
    expect(json.json).toMatch(
      /\$\{sensitive\(data\.azapi_resource_action\.\w+\.sensitive_output\.secondaryKey\)\}/,
    );
  });

  it('deploys the model, the script and the environment, once all three are registered', () => {
    const { deployment } = declareDeployment(project, stack);
    const json = new TerraformJson(stack);
    const of = (kind: string) => find(json, kind);
    const versionId = (kind: string) => {
      const { args } = of(`${kind}/versions`);
      return args.resource_id;
    };
    expect(of('onlineEndpoints/deployments').args).toMatchObject({
      name: 'blue',
      parent_id: `\${${of('onlineEndpoints').address}.id}`,
      location: 'westeurope',
      timeouts: { create: '120m' },
      body: {
        sku: { name: 'Default', capacity: 1 },
        properties: {
          endpointComputeType: 'Kubernetes',
          model: versionId('models'),
          codeConfiguration: { codeId: versionId('codes'), scoringScript: 'score.py' },
          environmentId: versionId('environments'),
          instanceType: 'gpu',
          scaleSettings: { scaleType: 'Default' },
          appInsightsEnabled: false,
        },
      },
    });
    expect(of('onlineEndpoints/deployments').args.depends_on).toEqual(
      expect.arrayContaining(
        ['models', 'codes', 'environments'].map((kind) => of(`${kind}/versions`).address),
      ),
    );
    expect(deployment.codeVersion?.files.blobs).toHaveLength(1);
  });

  it('keeps the script and the model in containers of their own, by their hash', () => {
    const { deployment, model } = declareDeployment(project, stack);
    const json = new TerraformJson(stack);
    const code = deployment.codeVersion;
    const [blob] = json.all('azurerm_storage_blob').filter(({ name }) => String(name).endsWith('score.py'));
    const version = find(json, 'codes/versions');
    const uri = (version.args.body as { properties: { codeUri: string } }).properties.codeUri;
    const sha = code?.registration.versionId.split('/').at(-1) ?? '';
    expect(blob.name).toBe(`${sha}/code/score.py`);
    expect(uri).toMatch(
      new RegExp(
        `^https://\\$\\{azurerm_storage_account\\.\\w+\\.name\\}\\.blob\\.core\\.windows\\.net/\\$\\{azurerm_storage_container\\.Blue_\\w+\\.name\\}/${sha}/code$`,
      ),
    );
    expect(version.args.depends_on).toEqual(
      expect.arrayContaining([expect.stringMatching(/^azurerm_storage_blob\.Blue_/) as string]),
    );
    const modelBody = find(json, 'models/versions').args.body as { properties: { modelUri: string } };
    expect(modelBody.properties.modelUri).toMatch(
      new RegExp(`^azureml://subscriptions/.*/datastores/.*/paths/${model.modelVersion}/model$`),
    );
  });

  it('applies every property', () => {
    const compute = { instanceTypes: [{ name: 'small' }, { name: 'large' }], nodeCount: 4 };
    declareDeployment(project, stack, {
      compute,
      endpoint: {
        name: 'digits',
        identity: { id: '/subscriptions/s/identity', principalId: 'p' },
        description: 'Reads digits',
        tags: { team: 'vision' },
      },
      deployment: {
        name: 'green',
        instanceType: 'large',
        autoscaling: {
          minReplicas: 2,
          maxReplicas: 4,
          targetUtilizationPercent: 60,
          pollingIntervalSeconds: 10,
        },
        resources: { cpu: '2', memory: '4Gi', cpuLimit: '3', memoryLimit: '6Gi', gpus: 1 },
        livenessProbe: {
          initialDelaySeconds: 30,
          periodSeconds: 20,
          timeoutSeconds: 5,
          successThreshold: 1,
          failureThreshold: 10,
        },
        readinessProbe: { periodSeconds: 5, successThreshold: 2 },
        startupProbe: { failureThreshold: 60 },
        requestSettings: {
          timeoutMilliseconds: 9000,
          maxConcurrentRequestsPerReplica: 2,
          maxQueueWaitMilliseconds: 500,
        },
        environmentVariables: { TEMPLATE: 'a ${b}' },
        applicationInsights: true,
        description: 'Newer',
        tags: { colour: 'green' },
      },
    });
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    expect(find(json, 'onlineEndpoints').args).toMatchObject({
      name: 'digits',
      tags: { team: 'vision' },
      identity: [{ identity_ids: ['/subscriptions/s/identity'] }],
      body: { properties: { description: 'Reads digits' } },
    });
    const { body, tags } = find(json, 'onlineEndpoints/deployments').args as {
      body: { sku: unknown; properties: unknown };
      tags: unknown;
    };
    expect(tags).toEqual({ colour: 'green' });
    expect(body.sku).toEqual({ name: 'Default' });
    expect(body.properties).toMatchObject({
      instanceType: 'large',
      scaleSettings: {
        scaleType: 'TargetUtilization',
        minInstances: 2,
        maxInstances: 4,
        targetUtilizationPercentage: 60,
        pollingInterval: 'PT10S',
      },
      containerResourceRequirements: {
        containerResourceRequests: { cpu: '2', memory: '4Gi', gpu: '1' },
        containerResourceLimits: { cpu: '3', memory: '6Gi', gpu: '1' },
      },
      livenessProbe: {
        initialDelay: 'PT30S',
        period: 'PT20S',
        timeout: 'PT5S',
        successThreshold: 1,
        failureThreshold: 10,
      },
      readinessProbe: { period: 'PT5S', successThreshold: 2 },
      startupProbe: { failureThreshold: 60 },
      requestSettings: {
        requestTimeout: 'PT9S',
        maxConcurrentRequestsPerInstance: 2,
        maxQueueWait: 'PT0.5S',
      },
      environmentVariables: { TEMPLATE: 'a $${b}' },
      appInsightsEnabled: true,
      description: 'Newer',
    });
  });

  it('changes the deployment, and nothing else except the code, when the script changes', () => {
    const before = new TerraformJson((declareDeployment(project, stack), stack));
    const other = azureStack(project);
    declareDeployment(project, other, { deployment: { code: declareCode(project, `${SCRIPT}# newer\n`) } });
    const { added, removed, changed } = difference(before, new TerraformJson(other));
    expect({ added, removed }).toEqual({ added: [], removed: [] });
    expect(Object.keys(changed).sort()).toEqual([
      'azapi_resource',
      'azapi_resource_action',
      'azurerm_storage_blob',
    ]);
    expect(changed.azapi_resource).toEqual(['body.properties.codeConfiguration.codeId']);
  });

  it('has another revision with other code', () => {
    const { endpoint } = declareDeployment(project, stack);
    const other = azureStack(project);
    const newer = declareDeployment(project, other, {
      deployment: { code: declareCode(project, `${SCRIPT}# newer\n`) },
    }).endpoint;
    const revision = (owner: TerraformStack, of: OnlineEndpoint) => {
      new TerraformOutput(owner, 'revision', { value: of.revision, staticId: true });
      const { output } = JSON.parse(new TerraformJson(owner).json) as {
        output: { revision: { value: string } };
      };
      return output.revision.value;
    };
    expect(revision(stack, endpoint)).not.toBe(revision(other, newer));
  });

  it('answers, to those who wait for it, once its deployments are there and whatever is in between', () => {
    const { endpoint, deployment, environment } = declareDeployment(project, stack);
    endpoint.addClientPrerequisite(environment.registration.asset);
    expect(endpoint.dependables).toEqual([
      endpoint.resource,
      deployment.resource,
      environment.registration.asset,
    ]);
  });

  it('accepts the zip of a registered model, too', () => {
    const compute = declareCompute(stack);
    const model = new RegisteredModel(stack, 'Registered', {
      workspace: compute.workspace,
      name: 'flowers',
      serviceDefinition: project.definition(),
    });
    const endpoint = new OnlineEndpoint(stack, 'Endpoint', { compute });
    const environment = curatedEnvironment(stack);
    new OnlineDeployment(stack, 'Blue', { endpoint, model, environment, code: declareCode(project) });
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    expect(find(json, 'onlineEndpoints/deployments').args).toMatchObject({
      body: { properties: { model: find(json, 'models/versions').args.resource_id } },
    });
  });

  it.each(['scoringScript', 'scaleSettings', 'authMode', 'codeUri', 'modelUri'])(
    'is rejected by its schema when %s is misspelt',
    (property) => {
      declareDeployment(project, stack);
      const { json } = new TerraformJson(stack);
      expect(azapiBodyProblems(json)).toEqual([]);
      expect(azapiBodyProblems(json.replace(`"${property}"`, `"${property}s"`))).not.toEqual([]);
    },
  );

  it('compares replicas with the GPUs of the pool', () => {
    expect(refused({ deployment: { replicas: 3 } })).toBe(
      'stack/Blue: replicas is 3, but the node pool has 1 GPUs; raise nodeCount to 3 or lower replicas',
    );
  });

  it('holds replicas that come by themselves, and those of the other deployment, against them', () => {
    const first = declareDeployment(project, stack, { compute: { nodeCount: 2 } });
    const { endpoint, environment } = first;
    expect(
      refusal(
        () =>
          new OnlineDeployment(stack, 'Green', {
            endpoint,
            environment,
            code: declareCode(project),
            name: 'green',
            autoscaling: { maxReplicas: 2 },
          }),
      ),
    ).toBe(
      'stack/Green: maxReplicas is 2 and other services on the cluster use 1, but the node pool has 2 GPUs; raise nodeCount to 3 or lower maxReplicas',
    );
  });

  it('rejects keys without TLS on a public address, and warns on an internal one', () => {
    expect(refused({ compute: { ssl: SslSettings.disabled() } })).toBe(
      'stack/Endpoint: its keys would be sent unencrypted, because stack/Compute has no TLS, and its address is public; ' +
        'set ssl of the compute, for example SslSettings.fromKeyVaultCertificate(…), or set its internalLoadBalancer to true',
    );
    const other = azureStack(project, 'other');
    declareDeployment(project, other, {
      compute: { ssl: SslSettings.disabled(), internalLoadBalancer: true },
    });
    expect(new TerraformJson(other).warnings).toContain(
      'other/Endpoint: its keys would be sent unencrypted, because other/Compute has no TLS; set ssl of the compute',
    );
  });

  it.each([
    [{ replicas: 1.5 }, 'replicas is 1.5; expected a whole number of at least 1'],
    [
      { replicas: 2, autoscaling: { maxReplicas: 3 } },
      'replicas and autoscaling are both set; remove one of them (autoscaling.minReplicas is the minimum number of replicas)',
    ],
    [
      { autoscaling: { minReplicas: 3, maxReplicas: 2 } },
      'maxReplicas is 2; expected a whole number of at least 3 (minReplicas)',
    ],
    [{ instanceType: 'huge' }, 'instanceType is "huge", which stack/Compute does not have; use one of gpu'],
    [
      { livenessProbe: { periodSeconds: 0 } },
      'periodSeconds of livenessProbe is 0; expected a whole number of at least 1',
    ],
    [
      { livenessProbe: { successThreshold: 2 } },
      'successThreshold of livenessProbe is 2; expected 1, the only value that Kubernetes accepts for liveness and startup probes',
    ],
    [
      { requestSettings: { timeoutMilliseconds: 0 } },
      'timeoutMilliseconds is 0; expected a whole number of at least 1',
    ],
    [
      { requestSettings: { maxQueueWaitMilliseconds: Token.asNumber('${var.wait}') } },
      'maxQueueWaitMilliseconds is a token that is resolved only at apply; expected a whole number of at least 1',
    ],
    [
      { resources: { cpu: '1500m', cpuLimit: '1' } },
      'cpu of resources is 1500m but cpuLimit is 1, and a request cannot exceed its limit; raise cpuLimit or lower cpu',
    ],
    [
      { environmentVariables: { AZUREML_MODEL_DIR: '/models' } },
      'environmentVariables has AZUREML_MODEL_DIR, which the endpoint sets for the script; remove it (it is the path of the model)',
    ],
    [
      { resources: { gpus: 2 } },
      'a replica needs 2 GPUs, but a Standard_NC4as_T4_v3 node has 1; choose a larger size or lower gpus',
    ],
    [{ resources: { gpus: -1 } }, 'gpus is -1; expected a whole number of at least 0'],
    [
      { name: 'no_underscore' },
      'name is "no_underscore"; expected 3 to 32 letters, digits and "-", starting with a letter, not ending with "-"',
    ],
  ])('rejects a deployment with %j', (deployment, message) => {
    expect(refused({ deployment })).toBe(`stack/Blue: ${message}`);
  });

  it('rejects an endpoint without a deployment, and two deployments of one name', () => {
    const compute = declareCompute(stack);
    new OnlineEndpoint(stack, 'Endpoint', { compute });
    expect(refusal(() => new TerraformJson(stack))).toContain(
      'stack/Endpoint: it has no deployment to serve requests; declare an OnlineDeployment with this endpoint',
    );
    const other = azureStack(project, 'other');
    const { endpoint, environment } = declareDeployment(project, other, { compute: { nodeCount: 2 } });
    new OnlineDeployment(other, 'Again', { endpoint, environment, code: declareCode(project) });
    expect(refusal(() => new TerraformJson(other))).toContain(
      'other/Again: the endpoint already has a deployment "blue" (other/Blue); set another name for one of them',
    );
  });

  it('accepts an image that answers by itself, at its routes, in place of code', () => {
    const { endpoint, compute } = declareDeployment(project, stack, { compute: { nodeCount: 2 } });
    const { workspace } = compute;
    const image = 'tensorflow/serving:2.15.1';
    const routes = {
      port: 8501,
      scoringPath: '/v1/models/digits:predict',
      livenessPath: '/v1/models/digits',
    };
    const serving = new ScoringEnvironment(stack, 'Serving', { workspace, image, routes });
    const deployment = { endpoint, environment: serving, name: 'green' };
    new OnlineDeployment(stack, 'Green', deployment);
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    const versions = [...json.resources.values()].filter(({ type }) =>
      (type as string | undefined)?.includes('environments/versions@'),
    );
    expect(versions.map(({ body }) => body)).toContainEqual({
      properties: expect.objectContaining({
        image,
        inferenceConfig: {
          scoringRoute: { path: '/v1/models/digits:predict', port: 8501 },
          livenessRoute: { path: '/v1/models/digits', port: 8501 },
          readinessRoute: { path: '/v1/models/digits', port: 8501 },
        },
      }) as unknown,
    });
    expect(
      refusal(() => new OnlineDeployment(stack, 'Both', { ...deployment, code: declareCode(project) })),
    ).toBe(
      'stack/Both: code is set but stack/Serving has routes of its own server; remove code, or routes of the environment',
    );
    const silent = new ScoringEnvironment(stack, 'Silent', { workspace, image });
    expect(
      refusal(() => new OnlineDeployment(stack, 'Neither', { ...deployment, environment: silent })),
    ).toBe(
      'stack/Neither: code is not set and stack/Silent has no routes of its own server; set code, or routes of the environment',
    );
  });

  it('rejects a model that Azure does not have', () => {
    const model = new RegisteredModel(stack, 'Local', {
      workspace: new LocalWorkspace(stack, 'Here'),
      name: 'flowers',
      serviceDefinition: project.definition(),
    });
    expect(refused({ deployment: { model } })).toBe(
      'stack/Blue: the model "flowers" is not known to be registered on Azure; ' +
        'use ModelFolder, or RegisteredModel with a workspace on Azure',
    );
  });

  it('needs to be told the instance type of a compute that it knows nothing of', () => {
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const compute = AttachedKubernetesCluster.fromAttachedKubernetesClusterAttributes(stack, 'Compute', {
      workspace,
      computeName: 'gpu',
    });
    const endpoint = new OnlineEndpoint(stack, 'Endpoint', { compute });
    const environment = curatedEnvironment(stack);
    expect(refusal(() => new OnlineDeployment(stack, 'Blue', { endpoint, environment }))).toBe(
      'stack/Blue: the instance types of stack/Compute are unknown; set instanceType, or instanceTypes of the compute',
    );
    new OnlineDeployment(stack, 'Green', {
      endpoint,
      environment,
      name: 'green',
      instanceType: 'gpu',
      replicas: 100,
    });
    expectValidAzapiBodies(new TerraformJson(stack).json);
  });

  it('reports missing attributes of a workspace', () => {
    const workspace = new BareWorkspace(stack, 'Workspace');
    const compute = AttachedKubernetesCluster.fromAttachedKubernetesClusterAttributes(stack, 'Compute', {
      workspace,
      computeName: 'gpu',
    });
    expect(refusal(() => new OnlineEndpoint(stack, 'Endpoint', { compute }))).toBe(
      'stack/Endpoint/Identity: the containerRegistryId of the workspace is unknown, but the endpoint needs the role ' +
        '"AcrPull" on it; use Workspace.fromWorkspaceAttributes, or set grantRoles to false and assign the role yourself',
    );
    const endpoint = new OnlineEndpoint(stack, 'Other', { compute, grantRoles: false });
    expect(endpoint.identity.roleAssignments).toEqual([]);
    project.write('model/digits.onnx', 'a model');
    expect(
      refusal(() => new ModelFolder(stack, 'Model', { workspace, name: 'digits', folder: 'model' })),
    ).toBe(
      'stack/Model/Files: the storage account of stack/Workspace for the files is unknown; ' +
        'set azure.storageAccountId and azure.storageAccountName, or use Workspace.fromWorkspaceAttributes',
    );
  });

  it('rejects names and versions that are invalid in Azure ML', () => {
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    project.write('model/digits.onnx', 'a model');
    const declare = (id: string, name: string, version?: string) =>
      refusal(
        () => new ModelFolder(stack, id, { workspace, name, folder: 'model', ...(version && { version }) }),
      );
    expect(declare('A', 'my model')).toBe(
      'stack/A: name is "my model"; expected 1 to 255 letters, digits, "-" and "_", starting with a letter or digit',
    );
    expect(declare('B', 'digits', '1/2')).toBe(
      'stack/B: version is "1/2"; expected 1 to 255 letters, digits, "-", "_" and ".", starting with a letter or digit',
    );
    const compute = AttachedKubernetesCluster.fromAttachedKubernetesClusterAttributes(stack, 'Compute', {
      workspace,
      computeName: 'gpu',
    });
    expect(refusal(() => new OnlineEndpoint(stack, 'C', { compute, name: '1st' }))).toBe(
      'stack/C: name is "1st"; expected 3 to 32 letters, digits and "-", starting with a letter, not ending with "-"',
    );
  });

  it('rejects a model folder that is missing or empty', () => {
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const declare = (folder: string) => () =>
      new ModelFolder(stack, folder, { workspace, name: 'digits', folder });
    expect(refusal(declare('none'))).toBe(
      'stack/none: folder is none, which does not exist; set a path relative to the working directory',
    );
    project.write('empty/.git/HEAD', '');
    expect(refusal(declare('empty'))).toBe(
      "stack/empty: the folder empty is empty; expected the model's files",
    );
  });

  it('needs the workspace’s providers in each stack that adds to it', () => {
    const team = new TerraformStack(App.of(stack), 'team');
    const azapi = new AzapiProvider(stack, 'azapi-hub', { alias: 'hub' });
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope', azapiProvider: azapi });
    new ScoringEnvironment(team, 'Environment', { workspace, image: 'registry.azurecr.io/digits:1' });
    expect(refusal(() => new TerraformJson(team))).toContain(
      'its provider azapi.hub is declared in the stack "stack" but not in its own stack "team"; declare it there, too, with alias: \'hub\'',
    );
  });

  it('imports an existing endpoint', () => {
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const endpoint = OnlineEndpoint.fromOnlineEndpointAttributes(stack, 'Endpoint', {
      workspace,
      endpointName: 'digits',
      rootCertificateFile: 'root.pem',
    });
    expect(endpoint).toMatchObject({ endpointName: 'digits', rootCertificateFile: 'root.pem' });
    new TerraformOutput(stack, 'uri', { value: endpoint.scoringUri, staticId: true });
    const json = new TerraformJson(stack);
    const id = `\${${json.address('azapi_resource', 'MachineLearningServices/workspaces')}.id}/onlineEndpoints/digits`;
    expect(json.data('azapi_resource').resource_id).toBe(id);
    expect(json.data('azapi_resource_action').resource_id).toBe(id);
  });
});
