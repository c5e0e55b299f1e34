import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { App, DataResource, TerraformStack, TerraformVariable } from 'cdktf';

import {
  BrainwaveWebservice,
  DnsRecords,
  DnsZone,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
  SslSettings,
} from '../../../constructs';
import {
  assertCalledByName,
  assertCallersNeedKey,
  assertNoSecrets,
  assertSameAnywhere,
  assertSmokeTested,
  FakeOnlineEndpoint,
  FakeWebservice,
  StackAssertionError,
  synthStack,
} from '../../../constructs/testing';
import { refusal } from '../support/messages';
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

function localService(ssl?: SslSettings): BrainwaveWebservice {
  const model = new RegisteredModel(stack, 'Model', {
    workspace: new LocalWorkspace(stack, 'Workspace'),
    name: 'pets',
    serviceDefinition: project.definition(),
  });
  return new BrainwaveWebservice(stack, 'Service', { model, ssl, compute: new LocalCompute() });
}

describe('assertSmokeTested', () => {
  it('accepts a test of the service, in its own stack or in another', () => {
    const service = localService();
    new SmokeTest(stack, 'Here', { service, samples: [Sample.image(project.image())] });
    const fake = new FakeWebservice(stack, 'Fake');
    const tests = project.stack('tests', App.of(stack));
    new SmokeTest(tests, 'There', { service: fake, samples: [Sample.image(project.image())] });

    expect(() => {
      assertSmokeTested(service);
      assertSmokeTested(fake);
      synthStack(tests);
      assertSmokeTested(fake);
    }).not.toThrow();
  });

  it('accepts a test of an online endpoint', () => {
    const endpoint = new FakeOnlineEndpoint(stack, 'Fake');
    expect(
      refusal(() => {
        assertSmokeTested(endpoint);
      }),
    ).toMatch(/^stack\/Fake: it has no SmokeTest;/);

    new SmokeTest(stack, 'SmokeTest', { endpoint, samples: [Sample.data([[0, 1]])] });

    expect(() => {
      assertSmokeTested(endpoint);
    }).not.toThrow();
  });

  it('reports the untested service and the existing tests', () => {
    const [tested, untested] = ['Tested', 'Untested'].map((id) => new FakeWebservice(stack, id));
    expect(
      refusal(() => {
        assertSmokeTested(tested);
      }),
    ).toMatch(/^stack\/Tested: it has no SmokeTest; declare/);
    new SmokeTest(stack, 'SmokeTest', { service: tested, samples: [Sample.image(project.image())] });

    expect(() => {
      assertSmokeTested(untested);
    }).toThrow(StackAssertionError);
    expect(
      refusal(() => {
        assertSmokeTested(untested);
      }),
    ).toBe(
      'stack/Untested: it has no SmokeTest (other services are tested by stack/SmokeTest); ' +
        'declare one: new SmokeTest(this, "SmokeTest", { service, samples })',
    );
  });
});

describe('assertCallersNeedKey', () => {
  it('accepts a service with TLS and keys, in a file or as values', () => {
    const service = localService(SslSettings.selfSigned({ hostname: 'scoring.localhost' }));

    expect(() => {
      assertCallersNeedKey(service);
      assertCallersNeedKey(new FakeWebservice(stack, 'Fake'));
    }).not.toThrow();
  });

  it('rejects one without TLS and one without keys', () => {
    const open = new FakeWebservice(stack, 'Open', { tls: false });
    const keyless = BrainwaveWebservice.fromWebserviceAttributes(stack, 'Keyless', {
      ipAddress: '203.0.113.7',
      hostname: 'scoring.example.com',
    });

    expect(
      refusal(() => {
        assertCallersNeedKey(open);
      }),
    ).toMatch(/^stack\/Open: .*it has no TLS.*; set ssl$/);
    expect(
      refusal(() => {
        assertCallersNeedKey(keyless);
      }),
    ).toMatch(/^stack\/Keyless: .*it has no keys; /);
  });
});

describe('assertCalledByName', () => {
  it('accepts only the host name that records resolve to the service', () => {
    new AzurermProvider(stack, 'azurerm', { features: [{}] });
    const zone = DnsZone.fromDnsZoneAttributes(stack, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
    });
    const service = new FakeWebservice(stack, 'Fake', { hostname: 'cats.example.com' });
    const other = new FakeWebservice(stack, 'Other', { hostname: 'dogs.example.com' });
    new DnsRecords(stack, 'Dns', { zone, service });

    expect(() => {
      assertCalledByName(service, 'cats.example.com');
    }).not.toThrow();
    expect(
      refusal(() => {
        assertCalledByName(service, 'dogs.example.com');
      }),
    ).toBe(
      'stack/Fake: no DnsRecords resolve dogs.example.com to it; its DnsRecords are for cats.example.com',
    );
    expect(
      refusal(() => {
        assertCalledByName(other, 'cats.example.com');
      }),
    ).toBe('stack/Other: no DnsRecords resolve cats.example.com to it; it has no DnsRecords');
  });
});

describe('assertNoSecrets', () => {
  const secret = 'k3y "of" mine';

  it('accepts a sensitive variable without a default', () => {
    new TerraformVariable(stack, 'key', { type: 'string', sensitive: true });

    expect(() => {
      assertNoSecrets(synthStack(stack), [secret]);
    }).not.toThrow();
  });

  it.each([
    ['as it is', (text: string) => text],
    ['in base64', (text: string) => Buffer.from(text).toString('base64')],
    ['within JSON text', (text: string) => JSON.stringify({ key: text })],
  ])('finds a value %s, and does not repeat it', (_, write) => {
    new DataResource(stack, 'Data', { input: { key: write(secret) } });
    const message = refusal(() => {
      assertNoSecrets(synthStack(stack), ['absent', secret]);
    });

    expect(message).toMatch(/^the JSON contains the secret at index 1;/);
    expect(message).not.toContain('k3y');
  });

  it('finds a private key and the default of a sensitive variable', () => {
    new TerraformVariable(stack, 'key', { type: 'string', sensitive: true, default: secret });
    expect(
      refusal(() => {
        assertNoSecrets(synthStack(stack));
      }),
    ).toMatch(/default of the sensitive variable key;/);

    new DataResource(stack, 'Data', { input: { pem: '-----BEGIN EC PRIVATE KEY-----\nMII' } });
    expect(
      refusal(() => {
        assertNoSecrets(synthStack(stack));
      }),
    ).toMatch(/^the JSON contains a private key in PEM format;/);
  });
});

describe('assertSameAnywhere', () => {
  it('accepts relative paths', () => {
    localService();

    expect(() => {
      assertSameAnywhere(synthStack(stack));
    }).not.toThrow();
  });

  it('finds a path below the working directory, such as that of a state without a backend', () => {
    const bare = new TerraformStack(project.app(), 'bare');

    expect(
      refusal(() => {
        assertSameAnywhere(synthStack(bare));
      }),
    ).toMatch(/^the JSON contains ".+bare\.tfstate", a path of this machine; set paths relative/);
  });
});
