import path from 'node:path';

import { TerraformOutput, TerraformStack } from 'cdktf';
import { ImageClassifier, type BrainwaveWebservice } from 'cdktf-brainwave';
import type { Construct } from 'constructs';

import type { Platform } from './platforms/platform';
import { serviceDefinition } from './service-definition';

/** The service that the pipelines deploy, on whatever platform. */
export class ScoringStack extends TerraformStack {
  readonly service: BrainwaveWebservice;

  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const { service } = new ImageClassifier(this, 'Classifier', {
      ...platform(this),
      serviceDefinition: serviceDefinition(),
      modelName: 'efficientnet-lite0',
      // Fails the apply.
      image: path.join(__dirname, '../quickstart/images/chelsea.png'),
      expect: { label: 'tiger cat', minimumProbability: 0.3 },
    });
    this.service = service;
    // For scripts/smoke-test.sh. A key that is kept in a file has its name among the outputs.
    service.addOutputs();
    if (service.endpoint.primaryKey !== undefined) {
      new TerraformOutput(this, 'primary_key', { value: service.primaryKey, sensitive: true });
    }
  }
}
