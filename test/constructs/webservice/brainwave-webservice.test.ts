import type { Construct } from 'constructs';

import {
  ApiKeys,
  BrainwaveWebservice,
  LocalWorkspace,
  RegisteredModel,
  SslSettings,
  type BrainwaveWebserviceProps,
  type ICompute,
  type WebserviceEndpoint,
  type WebserviceSpecification,
} from '../../../constructs';
import { refusal } from '../support/messages';
import { Synthesized } from '../support/synthesized';
import { TestProject } from '../support/test-project';

/** A compute of a user's own, which declares nothing. */
class NoCompute implements ICompute {
  specification?: WebserviceSpecification;

  bind(_scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    this.specification = specification;
    const { ssl } = specification;
    return {
      address: '192.0.2.1',
      port: 443,
      revision: '1',
      dependables: [],
      ...(ssl && { hostname: ssl.hostname }),
    };
  }
}

describe('a web service', () => {
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject();
  });

  afterEach(() => {
    project.leave();
  });

  const ssl = SslSettings.selfSigned({ hostname: 'pets.localhost' });

  function declare(props: Partial<BrainwaveWebserviceProps> = {}) {
    const stack = project.stack();
    const model = new RegisteredModel(stack, 'Model', {
      workspace: new LocalWorkspace(stack, 'Workspace'),
      name: 'pets',
      serviceDefinition: project.definition(),
    });
    const compute = new NoCompute();
    const service = new BrainwaveWebservice(stack, 'PetService', { model, compute, ...props });
    return { stack, model, compute, service };
  }

  it('requests one replica without TLS and keys by default', () => {
    const { compute, model } = declare();
    expect(compute.specification).toEqual({ serviceName: 'stack-pet-service', model, replicas: 1 });
  });

  it('passes all properties to its compute', () => {
    const { compute, model } = declare({
      serviceName: 'pets',
      ssl,
      keys: ApiKeys.generated({ primaryRotation: '2' }),
      replicas: 3,
      maxInFlight: 4,
      allowedOrigins: ['https://pets.example.com'],
    });
    expect(compute.specification).toEqual({
      serviceName: 'pets',
      model,
      ssl: { hostname: 'pets.localhost', selfSigned: { validityDays: 365 } },
      keys: { generated: { primaryRotation: '2', secondaryRotation: '1' } },
      replicas: 3,
      maxInFlight: 4,
      allowedOrigins: ['https://pets.example.com'],
    });
  });

  it('has the address that its compute returns', () => {
    const { service } = declare({ ssl });
    expect([service.ipAddress, service.port, service.hostname]).toEqual(['192.0.2.1', 443, 'pets.localhost']);
  });

  it('adds outputs only when asked to, with names that a script can rely on', () => {
    const { stack, service, model } = declare({ ssl });
    expect(new Synthesized(stack).outputs).toEqual({});
    service.addOutputs();
    const { outputs } = new Synthesized(stack);
    const values = Object.entries(outputs).map(([name, { value }]) => [name, value]);
    expect(Object.fromEntries(values)).toEqual({
      pet_service_ip_address: '192.0.2.1',
      pet_service_port: 443,
      pet_service_hostname: 'pets.localhost',
      pet_service_smoke_test_target: {
        protocol: 'grpc',
        host: 'pets.localhost',
        port: 443,
        plaintext: false,
        connectTo: '192.0.2.1',
        modelName: 'pets',
        modelVersion: model.modelVersion,
      },
    });
  });

  it('has no host name to put out where it has no TLS', () => {
    const { stack, service } = declare();
    service.addOutputs();
    expect(Object.keys(new Synthesized(stack).outputs).join()).not.toContain('hostname');
  });

  it('has outputs next to those of another service', () => {
    const { stack, service, model, compute } = declare();
    service.addOutputs();
    new BrainwaveWebservice(stack, 'Second', { model, compute }).addOutputs();
    expect(Object.keys(new Synthesized(stack).outputs)).toHaveLength(6);
  });

  describe('warns that anyone can call', () => {
    const anybody =
      'anyone who can connect to the address can call; set ssl, for example SslSettings.fromPemFiles(…)';

    it('if TLS is disabled', () => {
      expect(new Synthesized(declare().stack).warnings).toEqual([
        `stack/PetService: TLS is disabled: ${anybody}`,
      ]);
      const off = declare({ ssl: SslSettings.disabled() });
      expect(new Synthesized(off.stack).warnings).toHaveLength(1);
    });

    it('where keys are set without TLS, since they are not checked then', () => {
      expect(new Synthesized(declare({ keys: ApiKeys.generated() }).stack).warnings).toEqual([
        `stack/PetService: keys are set but TLS is disabled, and keys are checked only with TLS: ${anybody}`,
      ]);
    });

    it('and not where there is TLS', () => {
      expect(new Synthesized(declare({ ssl }).stack).warnings).toEqual([]);
    });
  });

  it.each([0, -1, 1.5, NaN])('rejects %d replicas or calls at once', (count) => {
    const expected = (what: string) =>
      `stack/PetService: ${what} is ${count}; expected a whole number of at least 1`;
    expect(refusal(() => declare({ replicas: count }))).toBe(expected('replicas'));
    expect(refusal(() => declare({ maxInFlight: count }))).toBe(expected('maxInFlight'));
  });

  it('rejects allowed origins that no browser sends', () => {
    expect(refusal(() => declare({ allowedOrigins: ['*', 'https://pets.example.com/app'] }))).toBe(
      'stack/PetService: allowedOrigins[1] is "https://pets.example.com/app"; expected the origin of a page without a path, ' +
        'such as https://app.example.com, or "*" for every page',
    );
  });

  it.each(['', '-pets', 'pets and more', '../pets', 'päts', 'p'.repeat(129)])(
    'rejects the name "%s"',
    (serviceName) => {
      expect(refusal(() => declare({ serviceName }))).toBe(
        `stack/PetService: serviceName is "${serviceName}"; ` +
          'expected 1 to 128 letters, digits and "-", starting with a letter or digit',
      );
    },
  );
});
