import path from 'node:path';

import type { TerraformStack } from 'cdktf';

import {
  ApiKeys,
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
  SslSettings,
} from '../../../constructs';
import { serviceSpecificationSchema } from '../../../lib/contract/workload-specification';
import { executeStep, StepError } from '../../../lib/provisioner/steps';
import { issueCertificate } from '../../support/certificates';
import { freePort } from '../../e2e/terraform-project';
import { Synthesized } from '../support/synthesized';
import { TestProject } from '../support/test-project';

const DECLARED = [
  'Model/Model',
  'Model/Version',
  'Service/Reservation',
  'Service/Configuration',
  'SmokeTest/Run',
];

const interruption = () => new AbortController().signal;

describe('the steps that run at apply take what the constructs send', () => {
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject();
  });

  afterEach(() => {
    project.leave();
  });

  async function declare(stack: TerraformStack, ssl: SslSettings, complete: boolean): Promise<Synthesized> {
    const model = new RegisteredModel(stack, 'Model', {
      workspace: new LocalWorkspace(stack, 'Workspace'),
      name: 'pets',
      serviceDefinition: project.definition(),
      ...(complete && { version: 'v1', tags: { team: 'pets' } }),
    });
    const service = new BrainwaveWebservice(stack, 'Service', {
      model,
      ssl,
      compute: new LocalCompute({ port: await freePort() }),
      ...(complete && {
        replicas: 2,
        maxInFlight: 5,
        allowedOrigins: ['*'],
        keys: ApiKeys.generated({ primaryRotation: '2' }),
      }),
    });
    new SmokeTest(stack, 'SmokeTest', {
      service,
      samples: [Sample.image(project.image())],
      ...(complete && {
        expect: { label: 'cat', classIndex: 0, minimumProbability: 0.5 },
        reportFile: 'reports/cat.json',
      }),
      readyTimeoutSeconds: 0.1,
    });
    return new Synthesized(stack);
  }

  /** What each step of a resource makes of its specification; a step may fail for another reason. */
  async function refusals(synthesized: Synthesized): Promise<string[]> {
    const found: string[] = [];
    for (const each of DECLARED) {
      for (const { name, specification } of synthesized.steps(each)) {
        // Starting a service is for the tests with Terraform; here, its schema is asked.
        const run =
          name === 'configure-workload'
            ? () => Promise.resolve(serviceSpecificationSchema.parse(specification))
            : () => executeStep(name, { specification, env: {}, write: () => undefined, interruption });
        const error: unknown = await Promise.resolve(run()).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error instanceof StepError || (name === 'configure-workload' && error !== undefined)) {
          found.push(`${each} ${name}: ${(error as Error).message}`);
        }
      }
    }
    return found;
  }

  it('as little as there can be', async () => {
    const stack = project.stack();
    const synthesized = await declare(stack, SslSettings.disabled(), false);
    expect(await refusals(synthesized)).toEqual([]);
  });

  it('and as much, with a certificate that is made', async () => {
    const stack = project.stack();
    const synthesized = await declare(stack, SslSettings.selfSigned({ hostname: 'pets.localhost' }), true);
    expect(await refusals(synthesized)).toEqual([]);
  });

  it('and as much, with a certificate in files', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: ['pets.localhost'] });
    const ssl = SslSettings.fromPemFiles({
      certificateFile: project.write('tls/certificate.pem', certificate),
      privateKeyFile: project.write('tls/key.pem', privateKey),
      rootCertificateFile: project.write('tls/root.pem', certificate),
      allowSelfSigned: true,
    });
    const synthesized = await declare(project.stack(), ssl, true);
    expect(await refusals(synthesized)).toEqual([]);
  });

  it('and reject what they would not take, so that the tests above show something', async () => {
    const run = executeStep('register-model', {
      specification: { registry: path.sep, name: 'pets' },
      env: {},
      write: () => undefined,
      interruption,
    });
    await expect(run).rejects.toThrow(/invalid specification of step "register-model" .*version/s);
  });
});
