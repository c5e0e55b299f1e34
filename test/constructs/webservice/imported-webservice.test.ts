import { TerraformOutput, TerraformVariable, type TerraformStack } from 'cdktf';

import {
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
  SslSettings,
  type WebserviceAttributes,
} from '../../../constructs';
import { refusal } from '../support/messages';
import { Synthesized } from '../support/synthesized';
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

const imported = (attributes: Partial<WebserviceAttributes> = {}) =>
  BrainwaveWebservice.fromWebserviceAttributes(stack, 'Imported', {
    ipAddress: '203.0.113.7',
    ...attributes,
  });

describe('a web service that exists', () => {
  it('uses port 80 without TLS, and port 443 with TLS if it has a host name', () => {
    expect(imported().endpoint).toEqual({
      address: '203.0.113.7',
      port: 80,
      revision: '203.0.113.7:80',
      dependables: [],
    });
    const { endpoint } = BrainwaveWebservice.fromWebserviceAttributes(stack, 'Tls', {
      ipAddress: '203.0.113.7',
      hostname: 'scoring.example.com',
    });
    expect(endpoint).toMatchObject({ port: 443, hostname: 'scoring.example.com' });
  });

  it('takes every attribute', () => {
    const model = RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', {
      modelName: 'pets',
      modelVersion: '1',
    });
    const primaryKey = new TerraformVariable(stack, 'primary', { sensitive: true }).stringValue;
    const secondaryKey = new TerraformVariable(stack, 'secondary', { sensitive: true }).stringValue;
    const service = imported({
      port: 8443,
      hostname: 'scoring.example.com',
      serviceName: 'scoring',
      model,
      primaryKey,
      secondaryKey,
      keyFile: `${project.folder}/keys.json`,
      rootCertificateFile: 'root.pem',
      revision: '7',
    });
    expect(service).toMatchObject({
      serviceName: 'scoring',
      model,
      endpoint: {
        port: 8443,
        keyFile: 'keys.json',
        rootCertificateFile: 'root.pem',
        revision: '7',
      },
    });
    const value = [service.endpoint.primaryKey, service.endpoint.secondaryKey];
    new TerraformOutput(stack, 'keys', { value, sensitive: true, staticId: true });
    expect(new Synthesized(stack).outputs.keys.value).toEqual([
      '${sensitive(var.primary)}',
      '${sensitive(var.secondary)}',
    ]);
  });

  it('can be tested by itself, with a key of a sensitive variable that is nowhere in the JSON', () => {
    const service = imported({
      hostname: 'scoring.example.com',
      primaryKey: new TerraformVariable(stack, 'key', { sensitive: true }).stringValue,
    });
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    const steps = new Synthesized(stack).steps('SmokeTest/Run');
    expect(steps.map(({ name }) => name)).toEqual(['write-secrets', 'smoke-test']);
    expect(steps[1].specification).toMatchObject({
      test: {
        target: {
          host: 'scoring.example.com',
          port: 443,
          connectTo: '203.0.113.7',
          keyFile: '.cdktf-brainwave/steps/stack-smoke-test/keys.json',
        },
      },
      temporarySecrets: ['stack-smoke-test'],
    });
    expect(steps[1].specification).not.toHaveProperty('test.target.model');
  });

  it.each([
    [{ ipAddress: '' }, 'ipAddress is missing; set it to the IP address of the service'],
    [{ port: 0 }, 'port is 0; expected a whole number from 1 to 65535'],
    [
      { primaryKey: 'plain' },
      'primaryKey is plain text, which the synthesized JSON would contain; pass the stringValue of a sensitive variable, ' +
        'or write the keys to a file and set keyFile',
    ],
    [
      { secondaryKey: 'plain' },
      'secondaryKey is plain text, which the synthesized JSON would contain; pass the stringValue of a sensitive variable, ' +
        'or write the keys to a file and set keyFile',
    ],
  ])('is rejected with %j', (attributes, message) => {
    expect(refusal(() => imported(attributes))).toBe(`stack/Imported: ${message}`);
  });
});

describe('the keys of a service on this machine', () => {
  const local = (ssl: SslSettings) =>
    new BrainwaveWebservice(stack, 'Service', {
      model: new RegisteredModel(stack, 'Model', {
        workspace: new LocalWorkspace(stack, 'Workspace'),
        name: 'pets',
        serviceDefinition: project.definition(),
      }),
      compute: new LocalCompute(),
      ssl,
    });

  it('are said to be in a file', () => {
    const service = local(SslSettings.selfSigned({ hostname: 'scoring.localhost' }));
    expect(refusal(() => service.primaryKey)).toBe(
      'stack/Service: its primaryKey is not available as a Terraform value, because this compute stores the keys in ' +
        '.cdktf-brainwave/services/stack-service/keys.json; read the key file after the apply',
    );
  });

  it('are said to need TLS if there are none', () => {
    const service = local(SslSettings.disabled());
    expect(refusal(() => service.secondaryKey)).toBe(
      'stack/Service: it has no secondaryKey, because keys require TLS; set ssl',
    );
  });
});
