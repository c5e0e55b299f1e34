import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { REVISION_LABEL } from '../../lib/contract/kubernetes-labels';
import type { V1Deployment } from '../../lib/kubernetes/cluster-client';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { DEPLOYMENT, NAMESPACE, TestApiServer, TOKEN } from './api-server';
import { deployment, EXCEEDED, OVER_QUOTA, pods, REVISION } from './objects';

const dist = path.resolve(__dirname, '../../dist/lib');
const READY = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
const ROLLING = { replicas: 3, updatedReplicas: 1, availableReplicas: 2 };

/** Folder of the user's project. */
let folder: string;

beforeEach(async () => {
  const { path: made, remove } = await temporaryFolder();
  folder = made;
  afterwards(remove);
  write('package.json', '{"private": true}');
});

function write(name: string, content: string): void {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** A process that runs a step, as Terraform starts it. */
class Run {
  output = '';
  private readonly ended: Promise<unknown>;

  constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.ended = once(child, 'close');
    afterwards(() => child.kill('SIGKILL'));
  }

  shows(text: string): Promise<void> {
    return until(() => this.output.includes(text));
  }

  interrupt(): void {
    this.child.kill('SIGINT');
  }

  async exitCode(): Promise<number | null> {
    await this.ended;
    return this.child.exitCode;
  }
}

function node(code: string, env: NodeJS.ProcessEnv = {}): Run {
  return new Run(spawn(process.execPath, ['-e', code], { cwd: folder, env: { ...process.env, ...env } }));
}

interface StepOptions {
  readonly autoscaled?: boolean;
  readonly kubeconfig?: { readonly file: string; readonly context?: string };
  readonly temporarySecrets?: string[];
}

function waitStep(options: StepOptions = {}): Run {
  const specification = {
    kubeconfig: { file: 'kubeconfig.json' },
    namespace: NAMESPACE,
    deployment: DEPLOYMENT,
    revision: REVISION,
    autoscaled: false,
    ...options,
  };
  return node(`require(${JSON.stringify(path.join(dist, 'provisioner'))}).runStep('wait-for-rollout')`, {
    CDKTF_BRAINWAVE_SPECIFICATION: JSON.stringify(specification),
  });
}

async function apiServer(...args: Parameters<typeof TestApiServer.start>): Promise<TestApiServer> {
  const server = await TestApiServer.start(...args);
  write('kubeconfig.json', server.kubeconfig);
  return server;
}

describe('the wait for a rollout', () => {
  it('shows what the pods wait for, and ends when all are ready', async () => {
    const server = await apiServer(deployment(ROLLING), [pods.creating(), pods.unschedulable()]);
    const run = waitStep();
    await run.shows(`${DEPLOYMENT}: 0 of 2 pods ready, 2 old pods left\n`);
    await run.shows('  creating: container scoring: ContainerCreating\n');
    await run.shows('  waiting: Unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.\n');

    server.pods = [pods.ready(), pods.unready()];
    await run.shows('  loading: container scoring runs, not ready yet\n');
    server.deployment = deployment(READY);

    expect(await run.exitCode()).toBe(0);
    expect(run.output).toMatch(/: 2 of 2 pods ready\n(.*\n)*$/);
    expect(run.output).not.toContain(TOKEN);
  });

  it('shows the end of the log of a pod that crashes while it waits', async () => {
    const server = await apiServer(deployment(ROLLING), [pods.crashLoop()]);
    server.logs.set('crashing/scoring/previous', 'one\ntwo\nthree\nfour\nfive\nsix\ncannot read the model\n');
    const run = waitStep();
    await run.shows('    cannot read the model\n');
    expect(run.output).toContain(
      '  crashing: container scoring ended with exit code 1 (Error), restarted 4 times\n    four\n',
    );
    expect(run.output).not.toContain('    three');
    server.deployment = deployment(READY);
    expect(await run.exitCode()).toBe(0);
  });

  it('writes a line only when something changes', async () => {
    const server = await apiServer(deployment(ROLLING), [pods.creating()]);
    const run = waitStep();
    await until(() => server.reads >= 3);
    server.deployment = deployment(READY);
    expect(await run.exitCode()).toBe(0);
    expect(run.output.match(/old pods left/g)).toHaveLength(1);
  });

  it('fails with the pods, their reasons and their logs, and says what still serves', async () => {
    const server = await apiServer(deployment(ROLLING), [pods.pullBackOff(), pods.unready(), pods.ready()]);
    server.logs.set('loading/scoring', 'loading the model\n');
    const run = waitStep();
    await run.shows('pulling: ');
    server.deployment = deployment(ROLLING, [EXCEEDED]);

    expect(await run.exitCode()).toBe(1);
    const [, error] = run.output.split('the rollout of ');
    expect(error.trimEnd().split('\n')).toEqual([
      `${NAMESPACE}/${DEPLOYMENT} failed: it made no progress for 300 s`,
      '  pulling: container scoring: ImagePullBackOff: Back-off pulling image "registry.example.com/pets:2": ErrImagePull: rpc ' +
        'error: code = NotFound desc = failed to pull and unpack image: not found',
      '  loading: container scoring runs, not ready yet',
      '    loading the model',
      '2 pods of the previous revision still serve',
      `fix the reason and deploy again; find out more with: kubectl describe pods --namespace ${NAMESPACE}`,
    ]);
  });

  it('names the quota that keeps pods from being created', async () => {
    const server = await apiServer(deployment({ replicas: 2, availableReplicas: 2 }, [OVER_QUOTA]));
    const run = waitStep();
    await run.shows('exceeded quota: compute');
    server.deployment = deployment({ replicas: 2, availableReplicas: 2 }, [OVER_QUOTA, EXCEEDED]);
    expect(await run.exitCode()).toBe(1);
    expect(run.output).toContain(
      'failed: it made no progress for 300 s: pods "pets-4f2a8c1e-7d9c-" is forbidden',
    );
  });

  it('starts pods again that had failed before, and passes if they become ready', async () => {
    const server = await apiServer(deployment(ROLLING, [EXCEEDED]), [
      pods.pullBackOff(),
      pods.unschedulable(),
    ]);
    const run = waitStep();
    await until(() => server.deletedPods.length > 0);
    expect(server.deletedPods).toEqual(['pulling']);
    server.deployment = deployment(READY);
    expect(await run.exitCode()).toBe(0);
  });

  it('fails if another apply changes the Deployment meanwhile', async () => {
    const server = await apiServer(deployment(ROLLING), [pods.creating()]);
    const run = waitStep();
    await run.shows('ContainerCreating');
    server.deployment = deployment(ROLLING, [], { revision: 'another' });
    expect(await run.exitCode()).toBe(1);
    expect(run.output).toContain('failed: it was changed to another revision meanwhile');
  });

  it('survives an API server that is gone for a moment', async () => {
    const server = await apiServer(deployment(ROLLING), [pods.creating()]);
    const run = waitStep();
    await run.shows('ContainerCreating');
    await server.stop();
    await run.shows('the API server does not respond (');
    server.deployment = deployment(READY);
    await server.listen();
    expect(await run.exitCode()).toBe(0);
  });

  it.each([
    [403, 'Forbidden', 'deployments.apps "pets" is forbidden: User "ci" cannot get resource "deployments"'],
    [404, 'NotFound', 'deployments.apps "pets" not found'],
  ])('ends at once if the API server answers %i', async (code, reason, message) => {
    const server = await apiServer(deployment(ROLLING));
    server.refusal = { code, reason, message };
    const run = waitStep();
    expect(await run.exitCode()).toBe(1);
    expect(run.output).toBe(
      `the API server did not return the deployment ${NAMESPACE}/${DEPLOYMENT} (${message}); check the access of the ` +
        'cluster, then deploy again\n',
    );
  });

  it('ends at once if the token is not valid', async () => {
    const server = await apiServer(deployment(ROLLING));
    write('kubeconfig.json', server.kubeconfig.replace(TOKEN, 'an-expired-token'));
    const run = waitStep();
    expect(await run.exitCode()).toBe(1);
    expect(run.output).toMatch(
      /^the API server did not return the deployment .* \(.*\b401\b.*\); check the access/,
    );
    expect(run.output).not.toContain('an-expired-token');
  });

  it('ends at the first Ctrl-C, with one line', async () => {
    const server = await apiServer(deployment(ROLLING), [pods.creating()]);
    const run = waitStep();
    await run.shows('ContainerCreating');
    run.interrupt();
    expect(await run.exitCode()).toBe(1);
    expect(run.output.trimEnd().split('\n').at(-1)).toBe('interrupted; deploy again to continue');
    expect(server.scales.size).toBe(0);
  });

  it('gives up on pods that had failed before and fail again', async () => {
    await apiServer(deployment(ROLLING, [EXCEEDED]), [pods.pullBackOff()]);
    const code = `
      const { ClusterClient } = require(${JSON.stringify(path.join(dist, 'kubernetes/cluster-client'))});
      const { waitForDeployment } = require(${JSON.stringify(path.join(dist, 'kubernetes/deployment-rollout'))});
      const rollout = ${JSON.stringify({ namespace: NAMESPACE, deployment: DEPLOYMENT, revision: REVISION })};
      ClusterClient.connect({ file: 'kubeconfig.json' })
        .then((client) => waitForDeployment(client, rollout, { write: console.log, intervalMs: 10, failedBeforeMs: 50 }))
        .catch((error) => console.log(error.code));`;
    const run = node(code);
    await run.exitCode();
    expect(run.output).toContain('ROLLOUT_FAILED');
  });
});

describe('the wait for a candidate, which no caller reaches', () => {
  const INSTANCE = 'app.kubernetes.io/instance';

  /** A Deployment of another revision, whose pods have its label. */
  function ofRevision(revision: string, replicas: number): V1Deployment {
    const labels = { [INSTANCE]: 'pets', [REVISION_LABEL]: revision };
    const { spec, ...other } = deployment(READY);
    return {
      ...other,
      metadata: { name: `pets-${revision}`, namespace: NAMESPACE, labels },
      spec: spec && { ...spec, replicas, template: { metadata: { labels } } },
    };
  }

  it('stops former attempts, and leaves alone what serves', async () => {
    const server = await apiServer(deployment(READY));
    server.others = [ofRevision('serving', 2), ofRevision('failed', 2), ofRevision('stopped', 0)];
    server.selectors = [{ [INSTANCE]: 'pets', [REVISION_LABEL]: 'serving' }];
    const run = waitStep();
    expect(await run.exitCode()).toBe(0);
    expect(server.scales).toEqual(new Map([['pets-failed', 0]]));
    expect(run.output).toContain('stopped pets-failed, a former attempt that no caller reached\n');
  });

  it('leaves alone the pods of a service whose former rollouts were rolling', async () => {
    const server = await apiServer(deployment(READY));
    server.others = [ofRevision('former', 2)];
    server.selectors = [{ [INSTANCE]: 'pets' }];
    expect(await waitStep().exitCode()).toBe(0);
    expect(server.scales.size).toBe(0);
  });

  it.each([
    [true, new Map([[DEPLOYMENT, 5]])],
    [false, new Map()],
  ])('starts as many pods as serve if an autoscaler chose their number: %s', async (autoscaled, scales) => {
    const server = await apiServer(deployment(READY));
    server.others = [ofRevision('serving', 5)];
    server.selectors = [{ [REVISION_LABEL]: 'serving' }];
    expect(await waitStep({ autoscaled }).exitCode()).toBe(0);
    expect(server.scales).toEqual(scales);
  });

  it('leaves the pods running when they fail, to be looked at', async () => {
    const server = await apiServer(deployment({ replicas: 2, updatedReplicas: 2 }), [pods.crashLoop()]);
    const run = waitStep();
    await run.shows('crashing: ');
    server.deployment = deployment({ replicas: 2, updatedReplicas: 2 }, [EXCEEDED]);
    expect(await run.exitCode()).toBe(1);
    expect(server.scales.size).toBe(0);
    expect(run.output).toContain(`the rollout of ${NAMESPACE}/${DEPLOYMENT} failed`);
  });
});

describe('the kubeconfig', () => {
  it('is removed after the step if it was written for it', async () => {
    const server = await apiServer(deployment(READY));
    const write = node(
      `require(${JSON.stringify(path.join(dist, 'provisioner'))}).runStep('write-secrets')`,
      {
        CDKTF_BRAINWAVE_SPECIFICATION: '{"name":"rollout"}',
        CDKTF_BRAINWAVE_KUBECONFIG: server.kubeconfig,
      },
    );
    expect(await write.exitCode()).toBe(0);
    expect(write.output).toBe('');
    const file = '.cdktf-brainwave/steps/rollout/kubeconfig.json';
    expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
    expect(readFileSync(path.join(folder, file), 'utf8')).toContain(TOKEN);

    const run = waitStep({ kubeconfig: { file }, temporarySecrets: ['rollout'] });
    expect(await run.exitCode()).toBe(0);
    expect(existsSync(path.join(folder, '.cdktf-brainwave/steps/rollout'))).toBe(false);
  });

  it('is removed also if the step fails', async () => {
    write('.cdktf-brainwave/steps/rollout/kubeconfig.json', '{}');
    const file = '.cdktf-brainwave/steps/rollout/kubeconfig.json';
    expect(await waitStep({ kubeconfig: { file }, temporarySecrets: ['rollout'] }).exitCode()).toBe(1);
    expect(existsSync(path.join(folder, '.cdktf-brainwave/steps/rollout'))).toBe(false);
  });

  it('can get its credentials from a plugin', async () => {
    const server = await apiServer(deployment(READY));
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      kind: 'ExecCredential',
      status: { token: TOKEN },
    };
    const config = JSON.parse(server.kubeconfig) as { users: { user: object }[] };
    config.users[0].user = {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command: process.execPath,
        args: ['-e', 'console.log(process.env.CREDENTIAL)'],
        env: [{ name: 'CREDENTIAL', value: JSON.stringify(credential) }],
        interactiveMode: 'Never',
      },
    };
    write('kubeconfig.json', JSON.stringify(config));
    expect(await waitStep().exitCode()).toBe(0);
  });

  it('that does not exist is named, with what to do', async () => {
    const run = waitStep({ kubeconfig: { file: 'missing.yaml' } });
    expect(await run.exitCode()).toBe(1);
    expect(run.output).toMatch(
      /^the kubeconfig \S*missing\.yaml cannot be read \(ENOENT.*\); set it to the file that "kubectl config view" uses\n$/,
    );
  });

  it.each(['east', 'old'])('without a cluster for the context "%s" lists the contexts', async (context) => {
    await apiServer(deployment(READY));
    const run = waitStep({ kubeconfig: { file: 'kubeconfig.json', context } });
    expect(await run.exitCode()).toBe(1);
    expect(run.output).toBe(
      `the kubeconfig kubeconfig.json has no cluster for the context "${context}"; expected one of test, old\n`,
    );
  });
});

it('without the client library, the step names the package to install', async () => {
  await apiServer(deployment(READY));
  const loader = `export async function resolve(specifier, context, next) {
    if (specifier === '@kubernetes/client-node') {
      const message = "Cannot find package '@kubernetes/client-node' imported from the step";
      throw Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
    }
    return next(specifier, context);
  }`;
  const hidden = `require('node:module').register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(loader))} + '');`;
  const run = node(
    `${hidden} require(${JSON.stringify(path.join(dist, 'provisioner'))}).runStep('wait-for-rollout')`,
    {
      CDKTF_BRAINWAVE_SPECIFICATION: JSON.stringify({
        kubeconfig: { file: 'kubeconfig.json' },
        namespace: NAMESPACE,
        deployment: DEPLOYMENT,
        revision: REVISION,
        autoscaled: false,
      }),
    },
  );
  expect(await run.exitCode()).toBe(1);
  expect(run.output).toBe(
    'the package @kubernetes/client-node is not installed; run: npm install --ignore-scripts @kubernetes/client-node\n',
  );
});
