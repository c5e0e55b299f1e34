import path from 'node:path';

import { TerraformOutput, TerraformStack } from 'cdktf';
import { ImageClassifier, type BrainwaveWebservice } from 'cdktf-brainwave';
import type { Construct } from 'constructs';

import type { Platform } from './platforms/platform';
import { serviceDefinition } from './service-definition';

/** The service that the pipelines deploy, on any platform. */
export class ScoringStack extends TerraformStack {
  readonly service: BrainwaveWebservice;

  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const { service } = new ImageClassifier(this, 'Classifier', {
      ...platform(this),
      serviceDefinition: serviceDefinition(),
      modelName: 'efficientnet-lite0',
      // A wrong result fails the apply.
      image: path.join(__dirname, '../quickstart/images/chelsea.png'),
      expect: { label: 'tiger cat', minimumProbability: 0.3 },
    });
    this.service = service;
    // For scripts/smoke-test.sh. If the key is in a file, the outputs contain its path.
    service.addOutputs();
    if (service.endpoint.primaryKey !== undefined) {
      new TerraformOutput(this, 'primary_key', { value: service.primaryKey, sensitive: true });
    }
  }
}
