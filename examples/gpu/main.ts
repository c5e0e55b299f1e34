import { readFileSync } from 'node:fs';
import path from 'node:path';

import { App, LocalBackend, TerraformStack } from 'cdktf';
import { Sample, SmokeTest, LocalOnlineEndpoint, ScoringCode } from 'cdktf-brainwave';

// A row that training/train.py selected from the test set.
const sample = JSON.parse(readFileSync(path.join(__dirname, 'sample.json'), 'utf8')) as {
  label: number;
  request: { data: number[][] };
};

const app = new App();
const stack = new TerraformStack(app, 'gpu');
new LocalBackend(stack, { path: '../../../terraform.gpu.tfstate' });

// The entry script runs like on AKS: in Azure ML's inference server, protected by a key.
const endpoint = new LocalOnlineEndpoint(stack, 'Endpoint', {
  code: new ScoringCode({ folder: path.join(__dirname, 'code') }),
  model: path.join(__dirname, 'model'),
  requirements: path.join(__dirname, 'requirements.txt'),
});
new SmokeTest(stack, 'SmokeTest', {
  endpoint,
  samples: [Sample.data(sample.request.data)],
  expect: { jsonPath: '$.scores[0]', argmax: sample.label },
});

app.synth();
