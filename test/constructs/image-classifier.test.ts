import { writeFileSync } from 'node:fs';

import { TerraformVariable, type TerraformStack } from 'cdktf';
import { Construct } from 'constructs';

import {
  Accelerator,
  AksCompute,
  ApiKeys,
  BrainwaveWebservice,
  DnsRecords,
  DnsZone,
  ImageClassifier,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  ScoringCluster,
  SmokeTest,
  SmokeTestRunner,
  SslSettings,
  Workspace,
  type ICompute,
  type DnsRecordsOptions,
  type IDnsZone,
  type ImageClassifierProps,
  type IWorkspace,
  type ServiceDefinition,
  type BaseSmokeTestProps,
  type SmokeTestProps,
  Sample,
} from '../../constructs';
import { FakeCompute, synthStack } from '../../constructs/testing';
import { acceleratedDefinition } from './support/aks';
import { azureStack } from './support/azure-stack';
import { refusal } from './support/messages';
import { TestProject } from './support/test-project';

let project: TestProject;
let definition: ServiceDefinition;
let image: string;

beforeEach(() => {
  project = new TestProject();
  definition = project.definition();
  image = project.image();
});

afterEach(() => {
  project.leave();
});

/** What is in the stack that the classifier is declared in. */
interface Surroundings {
  readonly workspace: IWorkspace;
  readonly compute: ICompute;
  readonly ssl: SslSettings;
  readonly dnsZone: IDnsZone;
}

/** Declares a workspace, a cluster with a GPU, a zone and the variables of a certificate. */
function onAzure(stack: TerraformStack): Surroundings {
  const workspace = new Workspace(stack, 'Azure', { location: 'westeurope' });
  const accelerator = Accelerator.gpu('Standard_NC4as_T4_v3');
  const cluster = new ScoringCluster(stack, 'Cluster', { workspace, accelerator });
  const [certificate, privateKey] = ['certificate', 'private_key'].map(
    (id) => new TerraformVariable(stack, id, { type: 'string', sensitive: true }),
  );
  return {
    workspace,
    compute: new AksCompute({ cluster }),
    ssl: SslSettings.fromVariables({ certificate, privateKey, hostname: 'pets.example.com' }),
    dnsZone: DnsZone.fromDnsZoneAttributes(stack, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
    }),
  };
}

/** The parts, as the documentation of `ImageClassifier` says that it declares them. */
function writeOut(
  scope: Construct,
  { workspace, compute, ssl, dnsZone }: Partial<Surroundings> = {},
  test: Omit<SmokeTestProps, 'service'> = { samples: [Sample.image(image)], expect: { label: 'cat' } },
  dnsOptions: DnsRecordsOptions = {},
): void {
  const model = new RegisteredModel(scope, 'Model', {
    workspace: workspace ?? new LocalWorkspace(scope, 'Workspace'),
    name: 'pets',
    serviceDefinition: definition,
  });
  const service = new BrainwaveWebservice(scope, 'Service', {
    model,
    ssl: ssl ?? SslSettings.selfSigned({ hostname: 'scoring.localhost' }),
    compute: compute ?? new LocalCompute(),
  });
  if (dnsZone) {
    new DnsRecords(scope, 'Dns', { ...dnsOptions, zone: dnsZone, service });
  }
  new SmokeTest(scope, 'SmokeTest', { ...test, service });
}

function classify(scope: Construct, id: string, props: Partial<ImageClassifierProps> = {}): ImageClassifier {
  return new ImageClassifier(scope, id, {
    serviceDefinition: definition,
    modelName: 'pets',
    image,
    expect: { label: 'cat' },
    ...props,
  });
}

/** JSON without what construct ids and paths leave in names: the classifier's own id, and digits made of paths. */
function withoutIds(json: string): string {
  return json
    .replaceAll(/Classifier[_/]/g, '')
    .replaceAll(/classifier-/g, '')
    .replaceAll(/_[0-9A-F]{8,}/g, '')
    .replaceAll(/-[0-9a-f]{8}\b/g, '');
}

describe('an image classifier', () => {
  it('declares on this machine what its parts do in a scope of its name, to the byte', () => {
    const [short, long] = [project.stack('pets'), project.stack('pets')];
    classify(short, 'Classifier');
    writeOut(new Construct(long, 'Classifier'));

    const { json } = synthStack(short);
    expect(json).toBe(synthStack(long).json);
    expect(json).toContain('scoring.localhost');
  });

  it('declares on Azure what its parts do in a scope of its name, to the byte', () => {
    definition = acceleratedDefinition(project, { features: 4 });
    const test = { samples: [Sample.image(image)], expect: { classIndex: 1 } };
    const [short, long] = [azureStack(project, 'pets'), azureStack(project, 'pets')];
    classify(short, 'Classifier', { ...onAzure(short), ...test, image: undefined });
    writeOut(new Construct(long, 'Classifier'), onAzure(long), test);

    const { json } = synthStack(short);
    expect(json).toBe(synthStack(long).json);
    for (const type of [
      'azurerm_dns_a_record',
      'kubernetes_deployment_v1',
      'azurerm_container_registry_task',
      'azapi_resource',
    ]) {
      expect(JSON.parse(json)).toHaveProperty(`resource.${type}`);
    }
  });

  it('passes all options to its smoke test and its records, byte for byte', () => {
    definition = acceleratedDefinition(project, { features: 4 });
    writeFileSync('baseline.json', '{}');
    const test: Required<BaseSmokeTestProps> & Pick<SmokeTestProps, 'samples'> = {
      samples: [
        Sample.image(image, { expect: { classIndex: 1 } }),
        Sample.image(project.image('second.png')),
      ],
      expect: { minimumProbability: 0.25 },
      labels: ['one', 'two'],
      outputName: 'scores',
      baseline: { file: 'baseline.json', tolerance: 0.125 },
      warmCalls: { count: 31, concurrency: 2 },
      latencyBudget: { p95Ms: 321 },
      minimumDaysToExpiry: 29,
      resolvers: ['192.0.2.53'],
      readyTimeoutSeconds: 123,
      callTimeoutSeconds: 124,
      reportFile: 'reports/pets.json',
      reports: ['reports/pets.xml'],
      runner: SmokeTestRunner.TERRAFORM,
    };
    const dnsOptions: Required<DnsRecordsOptions> = {
      recordName: 'pets',
      ttlSeconds: 61,
      certificateAuthorities: ['letsencrypt.org'],
      tags: { team: 'pets' },
    };
    const [short, long] = [azureStack(project, 'pets'), azureStack(project, 'pets')];
    classify(short, 'Classifier', { ...onAzure(short), ...test, image: undefined, dnsOptions });
    writeOut(new Construct(long, 'Classifier'), onAzure(long), test, dnsOptions);

    const { json } = synthStack(short);
    expect(json).toBe(synthStack(long).json);
    for (const value of [
      'second.png',
      'scores',
      '0.25',
      '0.125',
      '31',
      '321',
      '29',
      '192.0.2.53',
      '123',
      '124',
      'reports/pets.json',
      'reports/pets.xml',
      '"ttl": 61',
      'letsencrypt.org',
      '"team": "pets"',
    ]) {
      expect(json).toContain(value);
    }
  });

  it('differs from its parts right in the stack by ids and what is made of paths, and nothing else', () => {
    const [short, long] = [project.stack('pets'), project.stack('pets')];
    classify(short, 'Classifier');
    writeOut(long);

    const [ours, theirs] = [short, long].map((stack) => synthStack(stack).json);
    expect(ours).not.toBe(theirs);
    expect(JSON.parse(withoutIds(ours))).toEqual(JSON.parse(withoutIds(theirs)));
  });

  it('hands out its parts', () => {
    const stack = azureStack(project);
    const surroundings = onAzure(stack);
    const { workspace, model, service, dnsRecords, smokeTest } = classify(stack, 'Classifier', {
      ...surroundings,
      compute: new FakeCompute(),
    });

    expect(workspace).toBe(surroundings.workspace);
    expect(service.model).toBe(model);
    expect(dnsRecords?.hostname).toBe('pets.example.com');
    expect(smokeTest.reportFile).toContain('classifier-smoke-test');
  });

  it('uses passed constructs instead of its defaults', () => {
    const stack = project.stack();
    const compute = new FakeCompute();
    const model = RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', {
      modelName: 'pets',
      modelVersion: '7',
    });
    const classifier = new ImageClassifier(stack, 'Classifier', {
      model,
      compute,
      image,
      ssl: SslSettings.selfSigned({ hostname: 'pets.localhost' }),
      keys: ApiKeys.generated({ primaryRotation: '2' }),
      replicas: 2,
      maxInFlight: 5,
      allowedOrigins: ['https://pets.example.com'],
      serviceName: 'cats-and-dogs',
    });

    expect(classifier.model).toBe(model);
    expect(classifier.workspace).toBeUndefined();
    expect(classifier.dnsRecords).toBeUndefined();
    expect(compute.specifications).toMatchObject([
      {
        model,
        ssl: { hostname: 'pets.localhost' },
        keys: { generated: { primaryRotation: '2' } },
        replicas: 2,
        maxInFlight: 5,
        allowedOrigins: ['https://pets.example.com'],
        serviceName: 'cats-and-dogs',
      },
    ]);
  });

  it('derives the model name from its path, so that two classifiers do not conflict', () => {
    const stack = project.stack();
    const names = ['Cats', 'Dogs'].map((id, index) => {
      const compute = new LocalCompute({ port: 50_051 + index });
      return classify(stack, id, { modelName: undefined, compute }).model.modelName;
    });

    expect(names).toEqual(['stack-cats', 'stack-dogs']);
    expect(() => synthStack(stack)).not.toThrow();
  });

  it('cannot be declared without anything that runs, or with two', () => {
    const stack = project.stack();
    const model = RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', {
      modelName: 'pets',
      modelVersion: '7',
    });

    expect(refusal(() => new ImageClassifier(stack, 'Nothing', { image }))).toBe(
      'stack/Nothing: neither serviceDefinition nor model is set; set serviceDefinition: new ServiceDefinition(…)',
    );
    expect(refusal(() => classify(stack, 'Both', { model }))).toBe(
      'stack/Both: model and serviceDefinition are both set, but serviceDefinition applies only to a new model; ' +
        'remove one of them',
    );
  });

  it('cannot be declared without an image to be tested with, and records without a zone', () => {
    const stack = project.stack();

    expect(refusal(() => classify(stack, 'NoImage', { image: undefined }))).toBe(
      "stack/NoImage: neither image nor samples is set; set the image with which to test the service: image: '…'",
    );
    const compute = new FakeCompute();
    expect(refusal(() => classify(stack, 'NoZone', { compute, dnsOptions: { ttlSeconds: 60 } }))).toBe(
      'stack/NoZone: dnsOptions is set without dnsZone; set dnsZone or remove dnsOptions',
    );
  });

  it('reports what a workspace on Azure additionally requires, part by part', () => {
    const stack = azureStack(project);
    const { workspace, compute, ssl, dnsZone } = onAzure(stack);
    definition = acceleratedDefinition(project);

    expect(refusal(() => classify(stack, 'A', { workspace, ssl, expect: undefined }))).toMatch(
      /^stack\/A\/Service: LocalCompute .*choose a compute on Azure$/,
    );
    expect(refusal(() => classify(stack, 'B', { workspace, compute, expect: undefined }))).toMatch(
      /^stack\/B\/Service.*SslSettings.selfSigned .* on Azure, use fromKeyVaultCertificate/,
    );
    expect(refusal(() => classify(stack, 'C', { dnsZone, expect: undefined }))).toMatch(
      /^stack\/C\/Dns: the certificate's host name scoring.localhost is not in the zone example.com; use/,
    );
  });
});
