import path from 'node:path';

import type { TerraformStack } from 'cdktf';

import {
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
  SslSettings,
} from '../../../constructs';
import { sampleServiceDefinition } from '../../support/sample-service-definition';

const image = path.resolve(__dirname, '../../../examples/quickstart/images/chelsea.png');

/** The parts of a classifier written out; `parts.py` declares the same in Python. */
export function declareParts(stack: TerraformStack, port: number): void {
  const workspace = new LocalWorkspace(stack, 'Workspace');
  const model = new RegisteredModel(stack, 'Model', {
    workspace,
    name: 'efficientnet-lite0',
    serviceDefinition: sampleServiceDefinition(),
  });
  const service = new BrainwaveWebservice(stack, 'Service', {
    model,
    ssl: SslSettings.selfSigned({ hostname: 'scoring.localhost' }),
    compute: new LocalCompute({ port }),
  });
  new SmokeTest(stack, 'SmokeTest', {
    service,
    samples: [Sample.image(image)],
    expect: { label: 'tiger cat', minimumProbability: 0.3 },
  });
}
