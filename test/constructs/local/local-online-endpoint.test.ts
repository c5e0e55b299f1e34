import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { App, TerraformStack, Testing } from 'cdktf';

import {
  Sample,
  SmokeTest,
  LocalCompute,
  LocalOnlineEndpoint,
  ScoringCode,
  SslSettings,
  type SmokeTestProps,
  type LocalOnlineEndpointProps,
} from '../../../constructs';
import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';

let stack: TerraformStack;
let folder: string;

beforeEach(async () => {
  const temporary = await temporaryFolder();
  afterwards(temporary.remove);
  folder = temporary.path;
  stack = new TerraformStack(new App(), 'gpu');
  mkdirSync(path.join(folder, 'code'));
  writeFileSync(
    path.join(folder, 'code/score.py'),
    'def init():\n    pass\n\ndef run(data):\n    return data\n',
  );
  mkdirSync(path.join(folder, 'model'));
  writeFileSync(path.join(folder, 'model/digits.onnx'), 'weights');
  writeFileSync(path.join(folder, 'requirements.txt'), '# pinned\nazureml_inference_server_http==1.5.1\n');
});

function endpoint(changes: Partial<LocalOnlineEndpointProps> = {}): LocalOnlineEndpoint {
  return new LocalOnlineEndpoint(stack, 'Endpoint', {
    code: new ScoringCode({ folder: path.join(folder, 'code') }),
    model: path.join(folder, 'model'),
    requirements: path.join(folder, 'requirements.txt'),
    ...changes,
  });
}

function smokeTest(changes: Partial<SmokeTestProps>): SmokeTest {
  return new SmokeTest(stack, 'SmokeTest', {
    endpoint: endpoint(),
    samples: [Sample.data([[0, 1]])],
    ...changes,
  });
}

describe('LocalOnlineEndpoint', () => {
  it('serves on port 8443 with a self-signed certificate and keys of its own, and names no path of this machine', () => {
    const made = endpoint();
    const json = Testing.synth(stack);

    expect(made.scoringUri).toBe('https://scoring.localhost:8443/score');
    expect(made.address).toBe('127.0.0.1');
    expect(made.keyFile).toBe('.cdktf-brainwave/endpoints/gpu-endpoint/keys.json');
    expect(made.rootCertificateFile).toBe('.cdktf-brainwave/endpoints/gpu-endpoint/trusted-roots.pem');
    expect(json).not.toContain(folder);
  });

  it('has neither keys nor a certificate without TLS', () => {
    const made = endpoint({ ssl: SslSettings.disabled(), compute: new LocalCompute({ port: 8080 }) });

    expect(made.scoringUri).toBe('http://127.0.0.1:8080/score');
    expect(made.keyFile).toBeUndefined();
    expect(made.rootCertificateFile).toBeUndefined();
  });

  it.each(['azureml-inference-server-http', 'azureml-defaults>=1.0.45', 'Azureml_Defaults[x]==1.60'])(
    'accepts packages with the inference server: %s',
    (line) => {
      writeFileSync(path.join(folder, 'requirements.txt'), `numpy\n${line}\n`);

      expect(() => endpoint()).not.toThrow();
    },
  );

  it('rejects packages without the inference server', () => {
    writeFileSync(path.join(folder, 'requirements.txt'), 'numpy\n# azureml-inference-server-http\n');

    expect(() => endpoint()).toThrow(
      /^gpu\/Endpoint: .*requirements.txt does not list azureml-inference-server-http or azureml-defaults, which runs the entry script; add a line like/,
    );
  });

  it.each([
    [{ model: 'nowhere' }, 'model is nowhere, which does not exist'],
    [{ requirements: 'nowhere.txt' }, 'requirements is nowhere.txt, which does not exist'],
    [
      { environment: { AZUREML_MODEL_DIR: '/models' } },
      'gpu/Endpoint: environment has AZUREML_MODEL_DIR, which the endpoint sets for the script; remove it (it is the path of the copy of model)',
    ],
    [
      { environment: { WORKER_COUNT: '4' } },
      'gpu/Endpoint: environment has WORKER_COUNT, which the endpoint sets for the script; remove it (use workers instead)',
    ],
    [
      { environment: { 'TOP=K': '5' } },
      'gpu/Endpoint: environment has a variable "TOP=K"; expected letters, digits and "_", not starting with a digit',
    ],
    [{ workers: 0 }, 'workers is 0; expected a whole number of at least 1'],
    [{ maxRequestBytes: 1.5 }, 'maxRequestBytes is 1.5; expected a whole number of at least 1'],
  ])('rejects %p with the expected value', (changes, message) => {
    expect(() => endpoint(changes)).toThrow(message);
  });
});

describe('a smoke test of an online endpoint', () => {
  it('posts rows, and reads the key from its file', () => {
    smokeTest({ expect: { argmax: 1 } });

    expect(Testing.synth(stack)).toContain('scoringUri');
  });

  it.each([
    [{ samples: [Sample.request('row.json')] }, 'the request of a sample is row.json, which does not exist'],
    [
      { outputName: 'scores' },
      'outputName is "scores", but an online endpoint responds with JSON; use the jsonPath of an expectation instead',
    ],
    [{ expect: { jsonPath: '$[' } }, 'expect.jsonPath is "$["'],
    [{ expect: { argmax: -1 } }, 'expect.argmax is -1; expected a whole number of at least 0'],
  ])('rejects %p with the expected value', (changes, message) => {
    expect(() => smokeTest(changes)).toThrow(message);
  });

  it('rejects a request that is not JSON', () => {
    const file = path.join(folder, 'row.json');
    writeFileSync(file, '{"data": ');

    expect(() => smokeTest({ samples: [Sample.request(file)] })).toThrow('is not JSON');
  });
});
