import { DataResource, type TerraformStack } from 'cdktf';

import { BrainwaveWebservice, RegisteredModel, Sample, SmokeTest, SslSettings } from '../../../constructs';
import {
  FakeCompute,
  FakeOnlineEndpoint,
  FakeWebservice,
  FakeWorkspace,
  synthStack,
} from '../../../constructs/testing';
import { TestProject } from '../support/test-project';

let project: TestProject;
let stack: TerraformStack;

beforeEach(() => {
  project = new TestProject();
  stack = project.stack();
});

afterEach(() => {
  project.leave();
});

interface Resource {
  readonly depends_on?: readonly string[];
  readonly input?: unknown;
}

function synthesized() {
  const { json } = synthStack(stack);
  return JSON.parse(json) as {
    readonly resource: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
    readonly variable?: Readonly<
      Record<string, { readonly sensitive?: boolean; readonly default?: unknown }>
    >;
    readonly provider?: unknown;
  };
}

function only(prefix: string): Resource {
  const found = Object.entries(synthesized().resource.terraform_data).filter(([name]) =>
    name.startsWith(prefix),
  );
  expect(found).toHaveLength(1);
  return found[0][1];
}

describe('FakeWebservice', () => {
  it('needs no provider, and has keys that are sensitive and unknown', () => {
    const { endpoint } = new FakeWebservice(stack, 'Fake');
    new DataResource(stack, 'Caller', { input: { key: endpoint.primaryKey, host: endpoint.hostname } });
    const { variable, provider } = synthesized();

    expect(provider).toBeUndefined();
    const [name] = Object.keys(variable ?? {}).filter((each) => each.startsWith('Fake_PrimaryKey'));
    expect(variable?.[name]).toMatchObject({ sensitive: true });
    expect(variable?.[name]).not.toHaveProperty('default');
    expect(only('Caller').input).toEqual({ key: `\${sensitive(var.${name})}`, host: 'scoring.example.com' });
  });

  it('is tested after it exists and after its prerequisites', () => {
    const service = new FakeWebservice(stack, 'Fake');
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    service.addClientPrerequisite(new DataResource(stack, 'Record'));

    const { resource } = service;
    expect(only('SmokeTest_Run').depends_on).toEqual([
      `terraform_data.${resource.friendlyUniqueId}`,
      'terraform_data.Record',
    ]);
  });

  it('has neither a name nor keys without TLS, and the port of that', () => {
    const { endpoint } = new FakeWebservice(stack, 'Fake', { tls: false, ipAddress: '198.51.100.1' });

    expect(endpoint).toMatchObject({ address: '198.51.100.1', port: 80 });
    expect(endpoint).not.toHaveProperty('hostname');
    expect(endpoint).not.toHaveProperty('primaryKey');
  });
});

describe('FakeOnlineEndpoint', () => {
  it('can be tested by a smoke test', () => {
    const endpoint = new FakeOnlineEndpoint(stack, 'Fake');
    new SmokeTest(stack, 'SmokeTest', { endpoint, samples: [Sample.data([[0, 1]])] });

    expect(endpoint.endpointName).toBe('stack-fake');
    expect(only('SmokeTest_Run').depends_on).toEqual([
      `terraform_data.${endpoint.resource.friendlyUniqueId}`,
    ]);
  });
});

describe('FakeCompute in a FakeWorkspace', () => {
  it('record the specifications of web services and models', () => {
    const workspace = new FakeWorkspace(stack, 'Workspace');
    const compute = new FakeCompute();
    const model = new RegisteredModel(stack, 'Model', {
      workspace,
      name: 'pets',
      version: '7',
      serviceDefinition: project.definition(),
    });
    const service = new BrainwaveWebservice(stack, 'Service', {
      model,
      compute,
      ssl: SslSettings.selfSigned({ hostname: 'pets.example.com' }),
      replicas: 3,
    });

    expect(workspace.registrations).toMatchObject([{ name: 'pets', version: '7' }]);
    expect(compute.specifications).toMatchObject([
      { serviceName: 'stack-service', replicas: 3, ssl: { hostname: 'pets.example.com' } },
    ]);
    expect(service).toMatchObject({ hostname: 'pets.example.com', port: 443 });
    expect(service.primaryKey).toBe(service.endpoint.primaryKey);
    expect(synthesized()).not.toHaveProperty('provider');
  });

  it('has no keys without TLS', () => {
    const compute = new FakeCompute();
    const model = RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', {
      modelName: 'pets',
      modelVersion: '7',
    });
    const { endpoint } = new BrainwaveWebservice(stack, 'Service', { model, compute });

    expect(endpoint.port).toBe(80);
    expect(endpoint).not.toHaveProperty('primaryKey');
  });
});
