import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { IMAGE_USER } from '../contract/image-layout';
import {
  sampleName,
  TLS_FILES,
  type SmokeTestOptions,
  type SmokeTestTarget,
} from '../smoke-test/smoke-test-options';
import type { SmokeTestReport } from '../smoke-test/smoke-test-report';
import type { ClusterClient, V1Pod } from './cluster-client';
import type { WaitOptions } from './deployment-rollout';
import { KubernetesError } from './kubernetes-error';
import { podProblem } from './pod-problem';

/** Where and with which image a smoke test runs in a cluster. */
export interface SmokeTestJobPlace {
  readonly namespace: string;
  /** Image of the scoring server, which contains the smoke test, too. */
  readonly image: string;
  readonly imagePullSecrets: readonly string[];
  /** Name for the Job and its Secret; a suffix is added. */
  readonly name: string;
}

/** Folder of the test's files in the pod. */
const FOLDER = '/smoke-test';
/** Kubernetes' limit for the data of a Secret, less what the test itself takes. */
const MAX_BYTES = 1_000_000;
/** Time to schedule the pod and pull the image, beyond the test's own time. */
const START_SECONDS = 300;
const INTERVAL_MS = 500;

/**
 * Runs a smoke test in a cluster, as a Job, for services that this machine does not reach. Its files, including the key, are
 * in a Secret that exists only meanwhile. Writes the lines of the test as they come.
 * @returns the report, passed or failed
 * @throws KubernetesError JOB_FAILED if the test did not run to its end
 */
export async function runSmokeTestJob(
  client: ClusterClient,
  place: SmokeTestJobPlace,
  options: SmokeTestOptions,
  waiting: WaitOptions,
): Promise<SmokeTestReport> {
  const { namespace } = place;
  const name = `${place.name.slice(0, 48).replace(/-+$/, '')}-${randomBytes(4).toString('hex')}`;
  const files = await filesOf(options);
  const seconds =
    (options.readyTimeoutSeconds ?? 300) + (options.warmCalls?.durationSeconds ?? 0) + START_SECONDS;
  const metadata = { name, namespace, labels: { 'app.kubernetes.io/name': 'cdktf-brainwave-smoke-test' } };
  try {
    await client.core.createNamespacedSecret({
      namespace,
      body: {
        metadata,
        data: Object.fromEntries(
          files.map(({ content }, index) => [`file-${index}`, content.toString('base64')]),
        ),
      },
    });
    await client.batch.createNamespacedJob({
      namespace,
      body: {
        metadata,
        spec: {
          backoffLimit: 0,
          activeDeadlineSeconds: Math.ceil(seconds),
          // In case nobody is left to delete it.
          ttlSecondsAfterFinished: 3600,
          template: { metadata: { labels: metadata.labels }, spec: podSpec(place, name, files) },
        },
      },
    });
    return await reportOf(client, namespace, name, seconds, waiting);
  } finally {
    const target = { namespace, name };
    await Promise.allSettled([
      client.batch.deleteNamespacedJob({ ...target, propagationPolicy: 'Background' }),
      client.core.deleteNamespacedSecret(target),
    ]);
  }
}

interface JobFile {
  /** Relative to the folder in the pod. */
  readonly path: string;
  readonly content: Buffer;
}

/** The test as JSON, and what it reads, under the same names, because reports contain them. */
async function filesOf(options: SmokeTestOptions): Promise<JobFile[]> {
  const { target, samples, baseline, labels } = options;
  const files: JobFile[] = [];
  const add = async (folder: string, file: string): Promise<string> => {
    const name = path.posix.join(folder, sampleName(file));
    files.push({ path: name, content: await readFile(file) });
    return path.posix.join(FOLDER, name);
  };
  const inPod: Partial<Record<keyof SmokeTestTarget, string>> = {};
  for (const name of ['keyFile', ...TLS_FILES] as const) {
    const file = target[name];
    if (file !== undefined) {
      inPod[name] = await add(name, file);
    }
  }
  const test = {
    ...options,
    // What has no place in JSON.
    signal: undefined,
    onEvent: undefined,
    labels: undefined,
    target: { ...target, ...inPod },
    samples: await Promise.all(
      samples.map(async (sample, index) => ({ ...sample, path: await add(`samples/${index}`, sample.path) })),
    ),
    ...(baseline && { baseline: { ...baseline, file: await add('baseline', baseline.file) } }),
    ...(labels && { labelsFile: path.posix.join(FOLDER, 'labels.txt') }),
  };
  if (labels) {
    files.push({ path: 'labels.txt', content: Buffer.from(`${labels.join('\n')}\n`) });
  }
  files.unshift({ path: 'test.json', content: Buffer.from(JSON.stringify(test)) });
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes > MAX_BYTES) {
    throw new KubernetesError(
      'JOB_FAILED',
      `the files of the smoke test have ${bytes} bytes, expected at most ${MAX_BYTES}, because they are passed in a Secret`,
      {
        remedy:
          'use smaller or fewer samples, or run the test where Terraform runs: set runner to SmokeTestRunner.TERRAFORM',
      },
    );
  }
  return files;
}

function podSpec(
  { image, imagePullSecrets }: SmokeTestJobPlace,
  secretName: string,
  files: readonly JobFile[],
): NonNullable<V1Pod['spec']> {
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: imagePullSecrets.map((name) => ({ name })),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: IMAGE_USER,
      runAsGroup: IMAGE_USER,
      fsGroup: IMAGE_USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'smoke-test',
        image,
        args: ['smoke-test', '--file', `${FOLDER}/test.json`, '--report', 'json=/dev/stdout', '--in-stack'],
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '512Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'smoke-test', mountPath: FOLDER, readOnly: true }],
      },
    ],
    volumes: [
      {
        name: 'smoke-test',
        secret: {
          secretName,
          defaultMode: 0o440,
          items: files.map((file, index) => ({ key: `file-${index}`, path: file.path })),
        },
      },
    ],
  };
}

/** Follows the pod of a Job to its end. */
async function reportOf(
  client: ClusterClient,
  namespace: string,
  name: string,
  seconds: number,
  { write, signal, intervalMs = INTERVAL_MS }: WaitOptions,
): Promise<SmokeTestReport> {
  const endMs = Date.now() + seconds * 1000;
  const log = new TestLog(write);
  let shown = '';
  for (;;) {
    signal?.throwIfAborted();
    const { items } = await client.core.listNamespacedPod({ namespace, labelSelector: `job-name=${name}` });
    const pod = items.at(0);
    const phase = pod?.status?.phase;
    const problem = pod && podProblem(pod);
    const container = pod?.status?.containerStatuses?.at(0);
    const hasLog = container?.state?.running !== undefined || container?.state?.terminated !== undefined;
    if (pod && hasLog) {
      log.add(await client.core.readNamespacedPodLog({ namespace, name: pod.metadata?.name ?? '' }));
    }
    if (phase === 'Succeeded' || phase === 'Failed') {
      return log.report(problem?.reason);
    }
    const waitsFor = hasLog ? '' : (problem?.reason ?? 'waiting for a pod');
    if (waitsFor !== shown && waitsFor !== '') {
      write(`smoke test in the cluster, ${name}: ${waitsFor}`);
    }
    shown = waitsFor;
    if (Date.now() > endMs) {
      throw new KubernetesError(
        'JOB_FAILED',
        `the smoke test ${name} in the namespace ${namespace} did not end within ${Math.ceil(seconds)} s` +
          (waitsFor === '' ? '' : ` (${waitsFor})`),
        {
          remedy: `find out more with: kubectl describe pods --namespace ${namespace} --selector job-name=${name}`,
        },
      );
    }
    await delay(intervalMs, undefined, { signal });
  }
}

/** Output of the command: lines for people, then the report as indented JSON. */
class TestLog {
  private lines: readonly string[] = [];
  private written = 0;

  constructor(private readonly write: (line: string) => void) {}

  /** @param text the whole log so far */
  add(text: string): void {
    this.lines = text.split('\n');
    const end = this.lines.indexOf('{');
    const complete = end < 0 ? this.lines.length - 1 : end;
    for (; this.written < complete; this.written += 1) {
      this.write(this.lines[this.written]);
    }
  }

  /** @throws KubernetesError JOB_FAILED if there is none */
  report(reason: string | undefined): SmokeTestReport {
    const start = this.lines.indexOf('{');
    try {
      return JSON.parse(this.lines.slice(start).join('\n')) as SmokeTestReport;
    } catch (cause) {
      throw new KubernetesError(
        'JOB_FAILED',
        `the smoke test in the cluster ended without a report${reason === undefined ? '' : ` (${reason})`}`,
        { remedy: 'its output is above; the image must contain this version of cdktf-brainwave', cause },
      );
    }
  }
}
