import type { TerraformResource, TerraformStack } from 'cdktf';

import {
  ApiKeys,
  BrainwaveWebservice,
  EndpointTraffic,
  ManagedEndpointCompute,
  OnlineDeployment,
  OnlineEndpoint,
  ParityTest,
  RegisteredModel,
  Sample,
  ScoringImage,
  SmokeTest,
  SslSettings,
  TerraformData,
  Workspace,
  type BrainwaveWebserviceProps,
  type ManagedEndpointComputeProps,
  type OnlineDeploymentProps,
} from '../../../constructs';
import { serveConfigurationSchema } from '../../../lib/contract/serve-configuration';
import { expectValidAzapiBodies } from '../../support/azapi-schemas';
import { azureStack } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { curatedEnvironment, declareCode, declareCompute } from '../support/online-endpoint';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

interface Deployment {
  readonly body: {
    readonly sku: unknown;
    readonly properties: Readonly<Record<string, unknown>> & {
      readonly environmentVariables: Readonly<Record<string, string>>;
    };
  };
  readonly depends_on: readonly string[];
  readonly lifecycle?: unknown;
}

const TYPE = 'Microsoft.MachineLearningServices/workspaces';

let project: TestProject;
let stack: TerraformStack;

beforeEach(() => {
  project = new TestProject();
  stack = azureStack(project);
});

afterEach(() => {
  project.leave();
});

const json = () => new TerraformJson(stack);

function azapi(kind: string): Readonly<Record<string, unknown>> {
  const all = json();
  const found = [...all.all('azapi_resource'), ...all.all('azapi_resource_action')].find(({ type }) =>
    String(type).startsWith(`${TYPE}/${kind}@`),
  );
  return found ?? {};
}

/** As Terraform names it in a list of resources. */
function addressOf({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

/** Specification of the last step of a construct, which is its test. */
function specificationOf(path: string) {
  return json().steps(path).at(-1)?.specification as {
    test: { target: Readonly<Record<string, unknown>>; reference?: unknown };
  };
}

const deployment = () => azapi('onlineEndpoints/deployments') as unknown as Deployment;
const workspaceOf = () => new Workspace(stack, 'Workspace', { location: 'westeurope' });

describe('an endpoint on machines that Azure manages', () => {
  const declare = (props: Partial<OnlineDeploymentProps> = {}, isPublic?: boolean) => {
    const endpoint = new OnlineEndpoint(stack, 'Endpoint', {
      workspace: workspaceOf(),
      publicNetworkAccess: isPublic,
    });
    return new OnlineDeployment(stack, 'Blue', {
      endpoint,
      environment: curatedEnvironment(stack),
      code: declareCode(project),
      ...props,
    });
  };

  it('has no compute, and its deployments have a size of machines and a number of them', () => {
    declare({ replicas: 2, egressPublicNetworkAccess: false }, false);
    expectValidAzapiBodies(json().json);
    const endpoint = azapi('onlineEndpoints') as { body: { properties: object } };
    expect(endpoint.body.properties).toEqual({ authMode: 'Key', publicNetworkAccess: 'Disabled' });
    expect(deployment().body).toMatchObject({
      sku: { name: 'Default', capacity: 2 },
      properties: {
        endpointComputeType: 'Managed',
        instanceType: 'Standard_F4s_v2',
        scaleSettings: { scaleType: 'Default' },
        egressPublicNetworkAccess: 'Disabled',
      },
    });
  });

  it('scales by rules of Azure Monitor, whose changes the next apply keeps', () => {
    declare({ autoscaling: { minReplicas: 2, maxReplicas: 4, targetUtilizationPercent: 60 } });
    expectValidAzapiBodies(json().json);
    expect(deployment()).toMatchObject({
      body: { sku: { capacity: 2 } },
      lifecycle: { ignore_changes: ['body.sku.capacity'] },
    });
    expect(json().only('azurerm_monitor_autoscale_setting')).toMatchObject({
      target_resource_id: expect.stringContaining('azapi_resource') as string,
      profile: [
        {
          capacity: { default: 2, minimum: 2, maximum: 4 },
          rule: [
            {
              metric_trigger: {
                metric_name: 'CpuUtilizationPercentage',
                operator: 'GreaterThan',
                threshold: 60,
              },
              scale_action: { direction: 'Increase' },
            },
            {
              metric_trigger: { operator: 'LessThan', threshold: 30 },
              scale_action: { direction: 'Decrease' },
            },
          ],
        },
      ],
    });
  });

  it('keeps its network when its traffic is released', () => {
    const blue = declare({}, false);
    new EndpointTraffic(stack, 'Traffic', {
      endpoint: blue.endpoint,
      shares: [{ deployment: blue, percent: 100 }],
    });
    const release = json()
      .all('azapi_resource_action')
      .find(({ when }) => when === 'destroy') as { body: { properties: object } };
    expect(release.body.properties).toMatchObject({ publicNetworkAccess: 'Disabled', traffic: {} });
    expect(release.body.properties).not.toHaveProperty('compute');
    expectValidAzapiBodies(json().json);
  });

  it.each<[string, Partial<OnlineDeploymentProps>, string]>([
    [
      'resources of a pod',
      { resources: { cpu: '1' } },
      'stack/Blue: resources is set, but the deployment runs on machines that Azure manages; set instanceType',
    ],
    [
      'an interval that Azure Monitor does not have',
      { autoscaling: { maxReplicas: 2, pollingIntervalSeconds: 5 } },
      'stack/Blue: autoscaling.pollingIntervalSeconds is set, but the deployment runs on machines that Azure manages; remove it',
    ],
    [
      'something else than a size',
      { instanceType: 'gpu' },
      'stack/Blue: instanceType is "gpu"; expected a VM size, such as Standard_F4s_v2',
    ],
    [
      'fewer replicas at most than at least',
      { autoscaling: { minReplicas: 3, maxReplicas: 2 } },
      'stack/Blue: maxReplicas is 2; expected a whole number of at least 3 (minReplicas)',
    ],
  ])('rejects %s', (_, props, message) => {
    expect(refusal(() => declare(props))).toBe(message);
  });

  it('rejects what belongs to clusters, and clusters what belongs to it', () => {
    expect(refusal(() => new OnlineEndpoint(stack, 'Nowhere', {}))).toBe(
      'stack/Nowhere: neither workspace nor compute is set; set workspace for machines that Azure manages, or compute for a cluster',
    );
    const compute = declareCompute(stack);
    const both = { compute, workspace: compute.workspace };
    expect(refusal(() => new OnlineEndpoint(stack, 'Both', both))).toBe(
      'stack/Both: compute and workspace are both set, but the latter is for endpoints whose machines Azure manages; remove one of them',
    );
    const endpoint = new OnlineEndpoint(stack, 'Endpoint', { compute });
    const onCluster = { endpoint, environment: curatedEnvironment(stack), code: declareCode(project) };
    expect(
      refusal(() => new OnlineDeployment(stack, 'Blue', { ...onCluster, egressPublicNetworkAccess: false })),
    ).toBe(
      'stack/Blue: egressPublicNetworkAccess is set, but the deployment runs on stack/Compute; restrict the network of the cluster',
    );
  });
});

describe('a web service on a managed online endpoint', () => {
  const image = { imageUri: 'docker.io/me/pets:1', dependables: [] };

  function declare(
    compute: Partial<ManagedEndpointComputeProps> = {},
    service: Partial<BrainwaveWebserviceProps> = {},
  ): BrainwaveWebservice {
    const workspace = workspaceOf();
    return new BrainwaveWebservice(stack, 'Service', {
      model: new RegisteredModel(stack, 'Model', {
        workspace,
        name: 'pets',
        serviceDefinition: project.definition(),
      }),
      ssl: SslSettings.managed(),
      compute: new ManagedEndpointCompute({ workspace, image, ...compute }),
      ...service,
    });
  }

  it('is the scoring image as a custom container, with the REST routes of the server', () => {
    declare({ publicNetworkAccess: false, egressPublicNetworkAccess: false }, { replicas: 2 });
    expectValidAzapiBodies(json().json);
    const environment = azapi('environments/versions') as { body: { properties: object } };
    expect(environment.body.properties).toMatchObject({
      image: 'docker.io/me/pets:1',
      inferenceConfig: {
        scoringRoute: { path: '/v1/models/pets:predict', port: 50_051 },
        livenessRoute: { path: '/livez', port: 50_051 },
        readinessRoute: { path: '/readyz', port: 50_051 },
      },
    });
    const { body } = deployment();
    expect(body).toMatchObject({
      sku: { capacity: 2 },
      properties: {
        endpointComputeType: 'Managed',
        egressPublicNetworkAccess: 'Disabled',
        requestSettings: { requestTimeout: 'PT60S', maxConcurrentRequestsPerInstance: 32 },
      },
    });
    const { CDKTF_BRAINWAVE_CONFIGURATION: text } = body.properties.environmentVariables;
    const configuration = serveConfigurationSchema.parse(JSON.parse(text));
    expect(configuration).toMatchObject({ model: { name: 'pets' }, host: '0.0.0.0', port: 50_051 });
    // Probes come to the port of the requests.
    expect(configuration.healthPort).toBeUndefined();
    expect(json().cycle).toEqual([]);
  });

  it('gets all requests, and is tested over REST with the keys of Azure ML', () => {
    const service = declare();
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    expect(json().only('azapi_update_resource')).toMatchObject({
      body: { properties: { traffic: { blue: 100 } } },
    });
    const steps = json().steps('SmokeTest/Run');
    const { target } = (steps[1].specification as { test: { target: Record<string, unknown> } }).test;
    expect(target).toMatchObject({ protocol: 'rest', port: 443, plaintext: false, modelName: 'pets' });
    expect(String(target.host)).toContain('split');
    expect(JSON.stringify(steps[0].environment)).toContain('azapi_resource_action');
    expect(ManagedEndpointCompute.endpointOf(service).endpointName).toBe('stack-service');
    expect(json().all('random_password')).toEqual([]);
  });

  it('waits for the image that the registry builds', () => {
    declare({ image: undefined });
    expect(deployment().depends_on).toContainEqual(
      expect.stringMatching(/^azurerm_container_registry_task_schedule_run_now\./),
    );
  });

  describe('that shares its endpoint with another version', () => {
    function declareBoth(shares: readonly [number, number]) {
      const workspace = workspaceOf();
      const endpoint = new OnlineEndpoint(stack, 'Endpoint', { workspace });
      const version = (id: string) =>
        new BrainwaveWebservice(stack, id, {
          model: new RegisteredModel(stack, `${id}Model`, {
            workspace,
            name: 'pets',
            version: id,
            serviceDefinition: project.definition(),
          }),
          ssl: SslSettings.managed(),
          compute: new ManagedEndpointCompute({ endpoint, deploymentName: id.toLowerCase(), image }),
        });
      const services = [version('Blue'), version('Green')] as const;
      const traffic = new EndpointTraffic(stack, 'Traffic', {
        endpoint,
        shares: services.map((service, index) => ({
          deployment: ManagedEndpointCompute.deploymentOf(service),
          percent: shares[index],
        })),
      });
      return { endpoint, traffic, blue: services[0], green: services[1] };
    }

    const dependenciesOf = (traffic: EndpointTraffic) =>
      json().resources.get(addressOf(traffic.resource))?.depends_on as readonly string[];

    it('is a deployment of its own, and gets the share of the requests that EndpointTraffic assigns', () => {
      const { endpoint, green } = declareBoth([90, 10]);
      expectValidAzapiBodies(json().json);
      expect(
        json()
          .all('azapi_resource')
          .filter(({ type }) => String(type).includes('onlineEndpoints/deployments@'))
          .map(({ name }) => name),
      ).toEqual(['blue', 'green']);
      expect(json().only('azapi_update_resource').body).toEqual({
        properties: { traffic: { blue: 90, green: 10 } },
      });
      expect(ManagedEndpointCompute.endpointOf(green)).toBe(endpoint);
      expect(json().cycle).toEqual([]);
    });

    it('is tested at its own deployment, and gets requests only once its tests have passed', () => {
      const { traffic, blue, green } = declareBoth([90, 10]);
      const samples = [Sample.image(project.image())];
      const test = new SmokeTest(stack, 'GreenTest', { service: green, samples });
      const parity = new ParityTest(stack, 'Parity', { service: green, reference: blue, samples });
      const { target } = specificationOf('GreenTest/Run').test;
      expect(target).toMatchObject({ protocol: 'rest', deployment: 'green', modelName: 'pets' });
      expect(specificationOf('Parity/Run').test).toMatchObject({
        target: { deployment: 'green' },
        reference: { target: { deployment: 'blue' } },
      });
      expect(dependenciesOf(traffic)).toEqual(
        expect.arrayContaining([addressOf(test.resource), addressOf(parity.resource)]),
      );
      expect(json().cycle).toEqual([]);
    });

    it('is tested once the endpoint has what is added after the service, such as a DNS record', () => {
      const { endpoint, green } = declareBoth([100, 0]);
      const record = new TerraformData(stack, 'Record');
      endpoint.addClientPrerequisite(record);
      const samples = [Sample.image(project.image())];
      const { resource } = new SmokeTest(stack, 'GreenTest', { service: green, samples });
      expect(json().resources.get(addressOf(resource))?.depends_on).toContain(addressOf(record));
    });

    it('does not hold up the requests of the other version with a test that fails, while it gets none', () => {
      const { traffic, green } = declareBoth([100, 0]);
      const test = new SmokeTest(stack, 'GreenTest', {
        service: green,
        samples: [Sample.image(project.image())],
      });
      expect(dependenciesOf(traffic)).not.toContain(addressOf(test.resource));
    });

    it('is tested again if its own deployment changes, not if another one does', () => {
      const { blue, green, endpoint } = declareBoth([100, 0]);
      expect(green.endpoint.revision).toContain('green');
      expect(green.endpoint.revision).not.toContain('blue');
      expect(blue.endpoint.revision).not.toBe(green.endpoint.revision);
      expect(green.endpoint.revision).toContain(endpoint.endpointName);
    });

    const onEndpoint = (
      props: (endpoint: OnlineEndpoint, id: string) => Partial<ManagedEndpointComputeProps>,
      endpoint = new OnlineEndpoint(stack, 'Endpoint', { workspace: workspaceOf() }),
      name: (id: string) => string = () => 'pets',
    ) => {
      const service = (id: string) =>
        new BrainwaveWebservice(stack, id, {
          model: new RegisteredModel(stack, `${id}Model`, {
            workspace: endpoint.workspace,
            name: name(id),
            version: id,
            serviceDefinition: project.definition(),
          }),
          ssl: SslSettings.managed(),
          compute: new ManagedEndpointCompute({ image, ...props(endpoint, id) }),
        });
      return refusal(() => {
        service('Blue');
        service('Green');
      });
    };

    it.each<[string, (endpoint: OnlineEndpoint) => Partial<ManagedEndpointComputeProps>, string]>([
      [
        'two services with one name of a deployment',
        (endpoint) => ({ endpoint }),
        'stack/Green: stack/Endpoint already has a deployment "blue" (stack/Blue/ManagedEndpoint/Deployment); ' +
          'set another deploymentName for one of them',
      ],
      [
        'a name that Azure ML does not accept',
        (endpoint) => ({ endpoint, deploymentName: '1' }),
        'stack/Blue: deploymentName is "1"; expected 3 to 32 letters, digits and "-", starting with a letter, not ending with "-"',
      ],
      [
        'a network of the service',
        (endpoint) => ({ endpoint, publicNetworkAccess: false }),
        'stack/Blue: endpoint and publicNetworkAccess are both set, but the latter is for an endpoint of its own; ' +
          'set it for stack/Endpoint instead',
      ],
      [
        'no endpoint and no workspace',
        () => ({}),
        'stack/Blue: neither workspace nor endpoint is set; set workspace, or endpoint to an OnlineEndpoint that several services share',
      ],
    ])('rejects %s', (_, props, message) => {
      expect(onEndpoint(props)).toBe(message);
    });

    it('rejects models of different names, because a caller requests one name of both', () => {
      const props = (endpoint: OnlineEndpoint, id: string) => ({
        endpoint,
        deploymentName: id.toLowerCase(),
      });
      expect(onEndpoint(props, undefined, (id) => `pets-${id}`)).toBe(
        'stack/Green: its model is "pets-Green", but stack/Blue on the same endpoint serves "pets-Blue", which callers request of both; ' +
          'register both models as versions of one name',
      );
    });

    it('rejects an endpoint on a cluster', () => {
      const endpoint = new OnlineEndpoint(stack, 'Endpoint', { compute: declareCompute(stack) });
      expect(onEndpoint(() => ({ endpoint }), endpoint)).toBe(
        'stack/Blue: the endpoint stack/Endpoint runs on stack/Compute; expected one on machines that Azure manages: set its workspace ' +
          'instead of its compute',
      );
    });
  });

  const other = () =>
    ScoringImage.fromScoringImageAttributes(stack, 'Other', {
      imageUri: 'other.azurecr.io/pets:1',
      containerRegistryId:
        '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/other',
    });

  it.each<[string, () => unknown, string]>([
    [
      'a host name of the user',
      () => declare({}, { ssl: SslSettings.managed({ hostname: 'scoring.example.com' }) }),
      'a managed online endpoint has the certificate and the host name of Azure ML; set ssl: SslSettings.managed(), without hostname',
    ],
    [
      'keys of the user',
      () => declare({}, { keys: ApiKeys.generated({ primaryRotation: '2' }) }),
      'keys is set, but Azure ML generates the keys of a managed online endpoint; remove keys, and rotate a key with ' +
        '"az ml online-endpoint regenerate-keys"',
    ],
    [
      'an image that it may not pull',
      () => declare({ image: other() }),
      'the image is in the registry /subscriptions/s',
    ],
  ])('rejects %s', (_, use, message) => {
    expect(refusal(use)).toContain(message);
  });
});
