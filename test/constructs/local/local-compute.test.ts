import { TerraformStack, TerraformVariable, Token } from 'cdktf';

import {
  ApiKeys,
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
  SslSettings,
  type BrainwaveWebserviceProps,
  type LocalComputeProps,
} from '../../../constructs';
import { refusal } from '../support/messages';
import { replaced, Synthesized } from '../support/synthesized';
import { TestProject } from '../support/test-project';

describe('a web service on a local compute', () => {
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject();
  });

  afterEach(() => {
    project.leave();
  });

  interface Variation {
    readonly compute?: LocalComputeProps;
    readonly service?: Partial<BrainwaveWebserviceProps>;
    readonly op?: string;
    readonly tags?: Record<string, string>;
  }

  function declare(
    stack: TerraformStack,
    { compute, service, op, tags }: Variation = {},
  ): BrainwaveWebservice {
    const workspace = new LocalWorkspace(stack, 'Workspace');
    const serviceDefinition = project.definition({ ...(op !== undefined && { op }) });
    const model = new RegisteredModel(stack, 'Model', {
      workspace,
      name: 'pets',
      serviceDefinition,
      ...(tags && { tags }),
    });
    return new BrainwaveWebservice(stack, 'Service', {
      model,
      compute: new LocalCompute(compute),
      ...service,
    });
  }

  function synth(variation?: Variation): Synthesized {
    const stack = project.stack();
    const service = declare(stack, variation);
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    return new Synthesized(stack);
  }

  const ssl = SslSettings.selfSigned({ hostname: 'pets.localhost' });

  it('listens on 127.0.0.1:50051 without TLS by default', () => {
    const stack = project.stack();
    const service = declare(stack);
    expect(service.endpoint).toEqual({
      address: '127.0.0.1',
      port: 50_051,
      revision: expect.any(String) as string,
      reportsRevision: true,
      dependables: expect.any(Array) as unknown[],
    });
    expect([service.ipAddress, service.port, service.hostname]).toEqual(['127.0.0.1', 50_051, undefined]);
    const synthesized = new Synthesized(stack);
    expect(synthesized.steps('Service/Reservation')).toEqual([
      {
        name: 'reserve-workload',
        when: 'create',
        specification: { kind: 'service', name: 'stack-service', address: '127.0.0.1', port: 50_051 },
      },
      {
        name: 'remove-workload',
        when: 'destroy',
        specification: { kind: 'service', name: 'stack-service' },
      },
    ]);
    expect(synthesized.steps('Service/Configuration')).toEqual([
      {
        name: 'configure-workload',
        when: 'create',
        specification: {
          kind: 'service',
          revision: '${self.id}',
          name: 'stack-service',
          address: '127.0.0.1',
          port: 50_051,
          model: {
            name: 'pets',
            version: project.definition().sha256.slice(0, 12),
            registry: '.cdktf-brainwave/models',
          },
          workers: 1,
        },
      },
    ]);
  });

  describe('with an environment variable for its port', () => {
    afterEach(() => {
      delete process.env.BRAINWAVE_TEST_PORT;
    });
    const compute = { port: 50_070, portVariable: 'BRAINWAVE_TEST_PORT' };

    it('takes its value, and names the variable in the step, whose messages repeat it', () => {
      process.env.BRAINWAVE_TEST_PORT = '50061';
      const stack = project.stack();
      expect(declare(stack, { compute }).port).toBe(50_061);
      for (const resource of ['Service/Reservation', 'Service/Configuration']) {
        expect(new Synthesized(stack).steps(resource)[0].specification).toMatchObject({
          port: 50_061,
          portVariable: 'BRAINWAVE_TEST_PORT',
        });
      }
    });

    it('uses the port of the stack if the variable is not set', () => {
      expect(declare(project.stack(), { compute }).port).toBe(50_070);
    });

    it('rejects a value that is no port', () => {
      process.env.BRAINWAVE_TEST_PORT = 'http';
      expect(() => declare(project.stack(), { compute })).toThrow(
        'stack/Service: the environment variable BRAINWAVE_TEST_PORT is "http"; expected a whole number from 1 to 65535',
      );
    });
  });

  it('applies every property', () => {
    const stack = project.stack();
    const service = declare(stack, {
      compute: { address: '::1', port: 50_099 },
      service: {
        serviceName: 'pets',
        ssl: SslSettings.selfSigned({ hostname: 'pets.localhost', validityDays: 30 }),
        keys: ApiKeys.generated({ primaryRotation: 'may', secondaryRotation: 'june' }),
        replicas: 3,
        maxInFlight: 8,
      },
    });
    expect(service.endpoint).toMatchObject({
      address: '::1',
      port: 50_099,
      hostname: 'pets.localhost',
      keyFile: '.cdktf-brainwave/services/pets/keys.json',
      rootCertificateFile: '.cdktf-brainwave/services/pets/trusted-roots.pem',
    });
    expect(new Synthesized(stack).steps('Service/Configuration')).toEqual([
      {
        name: 'configure-workload',
        when: 'create',
        specification: {
          kind: 'service',
          revision: '${self.id}',
          name: 'pets',
          address: '::1',
          port: 50_099,
          model: expect.any(Object) as unknown,
          tls: { hostname: 'pets.localhost', selfSigned: { validityDays: 30 } },
          keys: { generated: { primaryRotation: 'may', secondaryRotation: 'june' } },
          workers: 3,
          maxInFlight: 8,
        },
      },
    ]);
  });

  it('generates keys if TLS is enabled and none are set', () => {
    const [step] = synth({ service: { ssl } }).steps('Service/Configuration');
    expect(step.specification).toMatchObject({
      keys: { generated: { primaryRotation: '1', secondaryRotation: '1' } },
    });
  });

  it('is configured after its address is reserved and its model is registered, and tested after that', () => {
    const synthesized = synth();
    const reference = (path: string) => `terraform_data.${synthesized.name(path)}`;
    expect(synthesized.resource('Service/Configuration')).toMatchObject({
      depends_on: [reference('Service/Reservation'), reference('Model/Version')],
      triggers_replace: {
        reservation: `\${${reference('Service/Reservation')}.id}`,
        model: `\${${reference('Model/Version')}.id}`,
      },
    });
    expect(synthesized.resource('SmokeTest/Run')).toMatchObject({
      depends_on: [reference('Service/Configuration')],
      triggers_replace: { service: `\${${reference('Service/Configuration')}.id}` },
    });
  });

  describe('with keys from variables', () => {
    function withKeys(): Synthesized {
      const stack = project.stack();
      const variable = (name: string) =>
        new TerraformVariable(stack, name, { type: 'string', sensitive: true });
      const keys = ApiKeys.fromVariables({
        primaryKey: variable('primary_key'),
        secondaryKey: variable('secondary_key'),
      });
      declare(stack, { service: { ssl, keys } });
      return new Synthesized(stack);
    }

    it('writes them in a step of their own, as secrets of its environment, before the service starts', () => {
      const synthesized = withKeys();
      const { provisioner, depends_on } = synthesized.resource('Service/Keys');
      expect(provisioner[0]['local-exec'].environment).toEqual({
        CDKTF_BRAINWAVE_SPECIFICATION: '{"kind":"service","name":"stack-service"}',
        CDKTF_BRAINWAVE_PRIMARY_KEY: '${sensitive(var.primary_key)}',
        CDKTF_BRAINWAVE_SECONDARY_KEY: '${sensitive(var.secondary_key)}',
      });
      expect(depends_on).toEqual([`terraform_data.${synthesized.name('Service/Reservation')}`]);
      expect(synthesized.resource('Service/Configuration').depends_on).toContain(
        `terraform_data.${synthesized.name('Service/Keys')}`,
      );
    });

    it('keeps them out of every other step, so that Terraform shows their output', () => {
      const synthesized = withKeys();
      for (const [name, { provisioner }] of Object.entries(synthesized.resources)) {
        const secret = JSON.stringify(provisioner).includes('var.');
        expect([name, secret]).toEqual([name, name === synthesized.name('Service/Keys')]);
      }
      expect(synthesized.steps('Service/Configuration')[0].specification).toMatchObject({
        keys: { provided: true },
      });
    });

    it('writes and uses them again when one changes', () => {
      const synthesized = withKeys();
      const revision = '${sha256(join("\\n", [var.primary_key, var.secondary_key]))}';
      for (const path of ['Service/Keys', 'Service/Configuration']) {
        expect(synthesized.resource(path).triggers_replace).toMatchObject({ keys: revision });
      }
    });
  });

  describe('replaces no more than a change needs', () => {
    const configured = ['Service/Configuration', 'SmokeTest/Run'];
    const all = ['Service/Reservation', ...configured];

    it.each<[string, Variation, string[]]>([
      ['nothing', {}, []],
      ['the model', { op: 'Relu' }, ['Model/Version', ...configured]],
      ["the model's tags", { tags: { team: 'pets' } }, ['Model/Version', ...configured]],
      ['the number of replicas', { service: { ssl, replicas: 2 } }, configured],
      ['the limit of calls', { service: { ssl, maxInFlight: 5 } }, configured],
      [
        'the host name',
        { service: { ssl: SslSettings.selfSigned({ hostname: 'b.localhost' }) } },
        configured,
      ],
      ['TLS', { service: {} }, configured],
      [
        'the rotation of a key',
        { service: { ssl, keys: ApiKeys.generated({ secondaryRotation: '2' }) } },
        configured,
      ],
      ['the port', { compute: { port: 50_052 } }, configured],
      ['the address', { compute: { address: '127.0.0.2' } }, configured],
      ['the name', { service: { ssl, serviceName: 'other' } }, all],
    ])('when %s changes', (_, change, expected) => {
      const before = synth({ service: { ssl } });
      expect(replaced(before, synth({ service: { ssl }, ...change }))).toEqual([...expected].sort());
    });
  });

  it('accepts variables for its port, address, name and numbers, without checking them', () => {
    const stack = project.stack();
    const text = new TerraformVariable(stack, 'text', { type: 'string' });
    const number = new TerraformVariable(stack, 'number', { type: 'number' });
    declare(stack, {
      compute: { address: text.stringValue, port: number.numberValue },
      service: {
        serviceName: text.stringValue,
        ssl: SslSettings.selfSigned({ hostname: text.stringValue, validityDays: number.numberValue }),
        replicas: number.numberValue,
        maxInFlight: number.numberValue,
      },
    });
    const { environment } = new Synthesized(stack).resource('Service/Configuration').provisioner[0][
      'local-exec'
    ];
    expect(environment.CDKTF_BRAINWAVE_SPECIFICATION).toMatch(
      /^\{"kind":"service","name":\$\{jsonencode\(var\.text\)\},"address":\$\{jsonencode\(var\.text\)\},"port":\$\{jsonencode\(var\.number\)\},/,
    );
    expect(environment.CDKTF_BRAINWAVE_SPECIFICATION).toContain('"workers":${jsonencode(var.number)}');
    expect(environment.CDKTF_BRAINWAVE_SPECIFICATION).not.toContain('TfToken');
  });

  it('accepts two services on variables, whose values are unknown', () => {
    const stack = project.stack();
    const port = new TerraformVariable(stack, 'port', { type: 'number' }).numberValue;
    const model = declare(stack, { compute: { port } }).model!;
    new BrainwaveWebservice(stack, 'Other', { model, compute: new LocalCompute({ port }) });
    expect(() => new Synthesized(stack)).not.toThrow();
  });

  it.each([0, -1, 65_536, 1.5, NaN])('rejects the port %d', (port) => {
    expect(refusal(() => synth({ compute: { port } }))).toBe(
      `stack/Service: port is ${port}; expected a whole number from 1 to 65535`,
    );
  });

  it.each(['localhost', '', '127.0.0', 'http://127.0.0.1'])('rejects the address "%s"', (address) => {
    expect(refusal(() => synth({ compute: { address } }))).toBe(
      `stack/Service: address is "${address}"; expected an IP address of this machine, such as 127.0.0.1`,
    );
    expect(refusal(() => synth({ compute: { healthAddress: address } }))).toBe(
      `stack/Service: healthAddress is "${address}"; expected an IP address of this machine, such as 127.0.0.1`,
    );
  });

  it('rejects a model that is not on this machine', () => {
    const stack = project.stack();
    const model = RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', {
      modelName: 'pets',
      modelVersion: '1',
    });
    expect(
      refusal(() => new BrainwaveWebservice(stack, 'Service', { model, compute: new LocalCompute() })),
    ).toBe(
      'stack/Service: LocalCompute runs models of a LocalWorkspace, but "pets" is not registered in one; ' +
        'register it in a LocalWorkspace or choose a compute on Azure',
    );
  });

  it('runs a model that was registered elsewhere on this machine', () => {
    const stack = project.stack();
    const model = RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', {
      modelName: 'pets',
      modelVersion: '7',
      localRegistry: 'registry',
    });
    new BrainwaveWebservice(stack, 'Service', { model, compute: new LocalCompute() });
    const synthesized = new Synthesized(stack);
    expect(synthesized.steps('Service/Configuration')[0].specification).toMatchObject({
      model: { name: 'pets', version: '7', registry: 'registry' },
    });
    expect(synthesized.resource('Service/Configuration')).toMatchObject({
      depends_on: [`terraform_data.${synthesized.name('Service/Reservation')}`],
      triggers_replace: { model: 'pets:7' },
    });
  });

  describe('next to another', () => {
    function both(
      first: LocalComputeProps,
      second: LocalComputeProps,
      names: [string?, string?] = [],
    ): string {
      const stack = project.stack();
      const model = declare(stack, {
        compute: first,
        service: names[0] === undefined ? {} : { serviceName: names[0] },
      }).model!;
      new BrainwaveWebservice(stack, 'Other', {
        model,
        compute: new LocalCompute(second),
        ...(names[1] !== undefined && { serviceName: names[1] }),
      });
      try {
        new Synthesized(stack);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    }

    it('may not have its port', () => {
      expect(both({}, {})).toBe(
        'the stack cannot be synthesized:\n' +
          'stack/Other: port 50051 of this machine is also used by stack/Service; ' +
          'set another port for one of them: new LocalCompute({ port: … })',
      );
    });

    it('may not have its port on every address', () => {
      expect(both({ address: '0.0.0.0' }, { address: '127.0.0.1' })).toContain('port 50051 of this machine');
    });

    it('may have its port on another address, or another port', () => {
      expect(both({ address: '127.0.0.1' }, { address: '127.0.0.2' })).toBe('');
      expect(both({ port: 50_051 }, { port: 50_052 })).toBe('');
    });

    it('may not have its name', () => {
      expect(both({}, { port: 50_052 }, ['pets', 'pets'])).toContain(
        'stack/Other: the service name "pets" is also used by stack/Service; set another name for one of them',
      );
    });

    it('may not have its port or its name in another stack of the app either', () => {
      const app = project.app();
      const stacks = ['first', 'second'].map((name) => project.stack(name, app));
      const model = RegisteredModel.fromRegisteredModelAttributes(stacks[0], 'Model', {
        modelName: 'pets',
        modelVersion: '7',
        localRegistry: 'registry',
      });
      for (const stack of stacks) {
        const compute = new LocalCompute({ port: 50_060 });
        new BrainwaveWebservice(stack, 'Service', { model, compute, serviceName: 'pets' });
      }
      const message = refusal(() => {
        app.synth();
      });
      expect(message).toContain('port 50060 of this machine is also used by');
      expect(message).toContain('the service name "pets" is also used by');
      expect(refusal(() => new Synthesized(stacks[0]))).toContain('also used by second/Service');
      expect(refusal(() => new Synthesized(stacks[1]))).toContain('also used by first/Service');
    });
  });

  it('asks for a number of days that is one', () => {
    const validityDays = Token.asNumber({ resolve: () => 5 });
    const late = SslSettings.selfSigned({ hostname: 'a.localhost', validityDays });
    expect(() => synth({ service: { ssl: late } })).not.toThrow();
  });
});
