import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { checkEngines } from '../../lib/doctor/engines';
import type { DoctorOptions } from '../../lib/doctor/check';
import { freePort } from '../support/free-port';
import { TestApiServer } from '../kubernetes-steps/api-server';
import { deployment } from '../kubernetes-steps/objects';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';
import { DoctoredProject } from './doctored-project';

/** Path of an API, and its resources. */
type Extension = readonly [string, readonly string[]];

const RESOURCE_METRICS: Extension = ['/apis/metrics.k8s.io/v1beta1', ['nodes', 'pods']];
const CUSTOM_METRICS: Extension = ['/apis/custom.metrics.k8s.io/v1beta1', ['pods/brainwave_calls_in_flight']];

let project: DoctoredProject;
let server: TestApiServer;

beforeEach(async () => {
  project = new DoctoredProject();
  server = await TestApiServer.start(deployment({ replicas: 2 }));
  write('kubeconfig.json', server.kubeconfig);
});

function write(name: string, content: string): string {
  const file = path.join(project.folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** Writes what a synth writes for a service with an autoscaler. */
function synthesize(metric: 'Resource' | 'Pods', name = 'scoring'): void {
  const stack = {
    provider: { kubernetes: [{ config_path: '../../../kubeconfig.json', config_context: 'test' }] },
    resource: { kubernetes_horizontal_pod_autoscaler_v2: { hpa: { spec: { metric: [{ type: metric }] } } } },
  };
  write(`cdktf.out/stacks/${name}/cdk.tf.json`, JSON.stringify(stack));
}

describe('the check of the cluster', () => {
  it('passes if the cluster serves the metrics of the autoscalers of all stacks', async () => {
    server.extensions = new Map([RESOURCE_METRICS, CUSTOM_METRICS]);
    synthesize('Resource');
    synthesize('Pods', 'other');

    const { findings } = await project.findings('kubernetes');

    expect(findings).toEqual([
      {
        check: 'kubernetes',
        outcome: 'passed',
        finding: `the cluster test of ${project.folder}/kubeconfig.json: Kubernetes v1.34.4, with the metrics of autoscalers`,
      },
    ]);
  });

  it('says that an autoscaler on CPU does nothing without metrics-server', async () => {
    const file = path.join(project.folder, 'kubeconfig.json');

    const { findings, exitCode } = await project.findings('kubernetes', [], { KUBECONFIG: file });

    expect(findings).toEqual([
      {
        check: 'kubernetes',
        outcome: 'note',
        finding: `the cluster of ${file} does not serve metrics.k8s.io: the autoscalers of Autoscaling.cpu() show <unknown> and change nothing`,
        remedy: expect.stringContaining(
          'install metrics-server: kubectl apply --filename https://',
        ) as string,
      },
    ]);
    expect(exitCode).toBe(0);
  });

  it('says that an autoscaler on calls in flight does nothing without an adapter', async () => {
    server.extensions = new Map([RESOURCE_METRICS]);
    synthesize('Pods');

    const { findings } = await project.findings('kubernetes');

    expect(findings).toEqual([
      {
        check: 'kubernetes',
        outcome: 'note',
        finding: expect.stringContaining(
          'does not serve pods/brainwave_calls_in_flight under custom.metrics.k8s.io',
        ) as string,
        remedy: expect.stringContaining('prometheus-adapter') as string,
      },
    ]);
  });

  it('says why a cluster cannot be reached', async () => {
    synthesize('Resource');
    await server.stop();

    const { findings } = await project.findings('kubernetes');

    expect(findings).toEqual([
      {
        check: 'kubernetes',
        outcome: 'note',
        finding: expect.stringMatching(
          /^the cluster test of .*kubeconfig\.json cannot be reached: .*ECONNREFUSED/,
        ) as string,
        remedy: expect.stringMatching(
          /^check its access: kubectl --kubeconfig .*kubeconfig\.json cluster-info$/,
        ) as string,
      },
    ]);
  });

  it('is left out for a project without Kubernetes, and so is its client', async () => {
    const { path: folder, remove } = await temporaryFolder();
    afterwards(remove);
    const options: DoctorOptions = {
      projectFolder: folder,
      env: {},
      port: await freePort(),
      vmFamily: '',
      cores: 1,
      timeHost: '',
    };
    const engines = async () => JSON.stringify(await checkEngines(options));

    expect(await engines()).not.toContain('@kubernetes/client-node');

    mkdirSync(path.join(folder, 'cdktf.out/stacks/scoring'), { recursive: true });
    const stack = JSON.stringify({ provider: { kubernetes: [{ host: 'https://192.0.2.1' }] } });
    writeFileSync(path.join(folder, 'cdktf.out/stacks/scoring/cdk.tf.json'), stack);

    expect(await engines()).toContain('@kubernetes/client-node not installed');
  });
});
