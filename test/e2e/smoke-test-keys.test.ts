import { existsSync } from 'node:fs';
import path from 'node:path';

import { TerraformVariable, type TerraformStack } from 'cdktf';

import {
  ApiKeys,
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
  SslSettings,
} from '../../constructs';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { images } from './sample';
import { freePort, TerraformProject } from './terraform-project';

const KEYS = { TF_VAR_primary_key: 'the-primary-key', TF_VAR_secondary_key: 'the-secondary-key' };

let project: TerraformProject;
let port: number;

beforeEach(async () => {
  project = new TerraformProject();
  port = await freePort();
});

afterEach(async () => {
  await project.remove();
});

/** A local service, and a test of it that knows its keys only as Terraform values, as on Azure. */
function declare(label: string): (stack: TerraformStack) => void {
  return (stack) => {
    const [primaryKey, secondaryKey] = ['primary_key', 'secondary_key'].map(
      (name) => new TerraformVariable(stack, name, { type: 'string', sensitive: true }),
    );
    const model = new RegisteredModel(stack, 'Model', {
      workspace: new LocalWorkspace(stack, 'Workspace'),
      name: 'efficientnet-lite0',
      serviceDefinition: sampleServiceDefinition(),
    });
    const service = new BrainwaveWebservice(stack, 'Service', {
      model,
      ssl: SslSettings.selfSigned({ hostname: 'scoring.localhost' }),
      compute: new LocalCompute({ port }),
      keys: ApiKeys.fromVariables({ primaryKey, secondaryKey }),
    });
    const imported = BrainwaveWebservice.fromWebserviceAttributes(stack, 'Imported', {
      ipAddress: service.ipAddress,
      port,
      hostname: 'scoring.localhost',
      model,
      primaryKey: primaryKey.stringValue,
      rootCertificateFile: '.cdktf-brainwave/services/e2e-service/trusted-roots.pem',
      revision: service.endpoint.revision,
    });
    new SmokeTest(stack, 'SmokeTest', {
      service: imported,
      samples: [Sample.image(images.chelsea)],
      expect: { label },
    });
  };
}

describe('a smoke test whose keys are Terraform values', () => {
  it('shows its progress, keeps the keys to itself, and leaves no file of them, whether it passes or not', async () => {
    const keyFolder = path.join(project.folder, '.cdktf-brainwave/smoke-tests/e2e-smoke-test');
    project.synth(declare('hotdog, hot dog, red hot'));
    await project.init();

    const failed = await project.apply(KEYS);

    expect(failed.ok).toBe(false);
    expect(failed.output).toMatch(/\(local-exec\): ✓ authentication .*rejected/);
    expect(failed.output).toContain('smoke test failed');
    expect(existsSync(keyFolder)).toBe(false);

    // The failed test is what runs again, with its keys: on another machine, too, which has no file of them.
    const again = await project.apply(KEYS);
    expect(again.output).toMatch(/\(local-exec\): ✓ authentication .*rejected/);
    expect(again.output).toContain('smoke test failed');

    project.synth(declare('tiger cat'));
    const passed = await project.apply(KEYS);

    expect(passed.output).toContain('output suppressed due to sensitive value');
    expect(passed.output).toMatch(/\(local-exec\): ✓ health/);
    expect(passed.output).toMatch(/\(local-exec\):\s+tiger cat +█/);
    expect(passed).toMatchObject({
      ok: true,
      output: expect.stringContaining('smoke test passed') as string,
    });
    expect(existsSync(keyFolder)).toBe(false);
    for (const text of [failed.output, passed.output, project.read('terraform.tfstate')]) {
      expect(text).not.toMatch(/the-(primary|secondary)-key/);
    }
    expect(project.read('cdktf.out/stacks/e2e/cdk.tf.json')).not.toMatch(/the-(primary|secondary)-key/);
    expect(await project.destroy(KEYS)).toMatchObject({ ok: true });
  });
});
