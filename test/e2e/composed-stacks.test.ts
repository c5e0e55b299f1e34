import { DataResource, LocalBackend, TerraformStack, TerraformVariable, type App } from 'cdktf';

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
import { freePort, TerraformProject, type Outcome } from './terraform-project';

const KEYS = {
  cats: 'primary-key-of-the-cats-7d1f0c',
  dogs: 'primary-key-of-the-dogs-93be52',
  secondary: 'the-secondary-key-of-both-c40a8e',
};
const VARIABLES = {
  TF_VAR_cats_key: KEYS.cats,
  TF_VAR_dogs_key: KEYS.dogs,
  TF_VAR_secondary_key: KEYS.secondary,
};

/** Its class in ImageNet. */
const TIGER_CAT = '282';

/** What an application does with a service: it calls it with the key that it was given. */
const CALLER = `
  const { readFileSync, writeFileSync } = require('node:fs');
  const { PredictionClient } = require('cdktf-brainwave/client');
  const { name, address, serverName, roots, image } = JSON.parse(process.env.SCORING);
  const client = new PredictionClient({
    address, serverName, rootCertificates: readFileSync(roots), key: process.env.SCORING_KEY,
  });
  client.classify(readFileSync(image), { top: 1 })
    .then(([{ classIndex }]) => writeFileSync('../../../' + name + '.txt', String(classIndex)))
    .finally(() => client.close());
`;

function keepState(stack: TerraformStack): TerraformStack {
  new LocalBackend(stack, { path: `../../../${stack.node.id}.tfstate` });
  return stack;
}

/** Two services of one model in a stack, and in another what calls each and what tests each. */
function declare(ports: Readonly<Record<'cats' | 'dogs', number>>): (app: App) => void {
  return (app) => {
    const services = keepState(new TerraformStack(app, 'services'));
    const callers = keepState(new TerraformStack(app, 'callers'));
    const secret = (id: string) =>
      new TerraformVariable(services, id, { type: 'string', sensitive: true, nullable: false });
    const secondaryKey = secret('secondary_key');
    const model = new RegisteredModel(services, 'Model', {
      workspace: new LocalWorkspace(services, 'Workspace'),
      name: 'efficientnet-lite0',
      serviceDefinition: sampleServiceDefinition(),
    });
    for (const name of ['cats', 'dogs'] as const) {
      const primaryKey = secret(`${name}_key`);
      const { endpoint } = new BrainwaveWebservice(services, name, {
        model,
        ssl: SslSettings.selfSigned({ hostname: `${name}.localhost` }),
        keys: ApiKeys.fromVariables({ primaryKey, secondaryKey }),
        compute: new LocalCompute({ port: ports[name] }),
      });
      const { address, port, hostname, rootCertificateFile, revision } = endpoint;
      const service = BrainwaveWebservice.fromWebserviceAttributes(callers, name, {
        ipAddress: address,
        port,
        ...(hostname !== undefined && { hostname }),
        ...(rootCertificateFile !== undefined && { rootCertificateFile }),
        model,
        revision,
        primaryKey: primaryKey.stringValue,
        secondaryKey: secondaryKey.stringValue,
      });
      const test = new SmokeTest(callers, `${name}-test`, {
        service,
        samples: [Sample.image(images.chelsea)],
        expect: { label: 'tiger cat' },
      });
      const scoring = {
        name,
        address: `${address}:${port}`,
        serverName: hostname,
        roots: `../../../${rootCertificateFile ?? ''}`,
        image: images.chelsea,
      };
      new DataResource(callers, `${name}-caller`, {
        input: { key: service.endpoint.primaryKey },
        provisioners: [
          {
            type: 'local-exec',
            interpreter: ['node', '-e'],
            command: CALLER,
            environment: {
              SCORING: JSON.stringify(scoring),
              SCORING_KEY: service.endpoint.primaryKey ?? '',
            },
          },
        ],
        dependsOn: [test.resource],
      });
    }
  };
}

describe('two local services in one stack and their callers in another', () => {
  let project: TerraformProject;

  beforeEach(() => {
    project = new TerraformProject();
  });

  afterEach(async () => {
    await project.remove();
  });

  async function succeed(stack: string, ...args: string[]): Promise<string> {
    // The callers' stack has no variables: what it knows of the keys, it reads from the services' state.
    const environment = stack === 'services' ? VARIABLES : {};
    const { ok, output }: Outcome = await project.terraformIn(stack, environment, ...args);
    if (!ok) {
      throw new Error(output);
    }
    return output;
  }

  it('are deployed one after the other, call each other with keys that no one sees, and are destroyed', async () => {
    const [cats, dogs] = [await freePort(), await freePort()];
    project.synthApp(declare({ cats, dogs }));
    const shown: string[] = [];

    for (const stack of ['services', 'callers']) {
      await succeed(stack, 'init', '-input=false');
      shown.push(await succeed(stack, 'plan', '-input=false'));
      shown.push(await succeed(stack, 'apply', '-auto-approve', '-input=false'));
    }

    const [, , plan, apply] = shown;
    expect(plan).toMatch(/key\s+= \(sensitive value\)/);
    expect(apply.match(/smoke test passed/g)).toHaveLength(2);
    expect(project.read('cats.txt')).toBe(TIGER_CAT);
    expect(project.read('dogs.txt')).toBe(TIGER_CAT);
    const jsons = ['services', 'callers'].map((stack) =>
      project.read(`cdktf.out/stacks/${stack}/cdk.tf.json`),
    );
    for (const text of [...shown, ...jsons]) {
      for (const key of Object.values(KEYS)) {
        expect(text).not.toContain(key);
      }
    }
    expect(await succeed('callers', 'plan', '-input=false', '-detailed-exitcode')).toContain('No changes');

    for (const stack of ['callers', 'services']) {
      await succeed(stack, 'destroy', '-auto-approve', '-input=false');
    }
    expect(await project.services()).toEqual([]);
  }, 180_000);
});
