import path from 'node:path';

import * as z from 'zod';

import { STEP_VARIABLES } from '../contract/environment';
import type { KeyPair } from '../contract/key-file';
import { stepSchemas, type StepName, type StepSpecification } from '../contract/steps';
import { BrainwaveError } from '../errors/brainwave-error';
import { LocalWorkloads } from '../local/local-workloads';
import { ModelRegistry } from '../local/model-registry';
import { findProjectFolder, findStateFolder } from '../local/project-folder';
import { StepSecrets } from '../local/step-secrets';
import type { ClusterClient, Kubeconfig } from '../kubernetes/cluster-client';
import type { SmokeTestOptions } from '../smoke-test/smoke-test-options';
import type { SmokeTestReport } from '../smoke-test/smoke-test-report';
import { reportFormatOf } from '../smoke-test/reports/report-format';
import type { TextReportOptions } from '../smoke-test/reports/text';
import { stackOptionNames } from '../smoke-test/stack-option-names';

/** A step is unknown, or its specification is invalid. */
export class StepError extends BrainwaveError {
  readonly code = 'STEP_INVALID';
}

/** Specification, environment and output of a step. */
export interface StepContext {
  readonly specification: unknown;
  readonly env: NodeJS.ProcessEnv;
  readonly write: (line: string) => void;
  /** Returns a signal that is aborted when Terraform is interrupted. A step that does not call it ends at once. */
  readonly interruption: () => AbortSignal;
}

type Output = Pick<StepContext, 'env' | 'write' | 'interruption'>;

/** Steps that Terraform runs. */
type Steps = {
  readonly [N in StepName]: (specification: StepSpecification<N>, output: Output) => Promise<void>;
};

const steps: Steps = {
  'register-model': registerModel,
  'remove-model': removeModel,
  'reserve-workload': ({ kind, name, ...address }) =>
    LocalWorkloads.of().workload(kind, name).reserve(address),
  'remove-workload': ({ kind, name }, { write }) => LocalWorkloads.of().workload(kind, name).remove(write),
  'write-workload-keys': async ({ kind, name }, { env }) => {
    const workload = LocalWorkloads.of().workload(kind, name);
    await workload.writeKeys(keysOf(env, workload.title));
  },
  'write-workload-certificate': async ({ kind, name }, { env }) => {
    const workload = LocalWorkloads.of().workload(kind, name);
    const { [STEP_VARIABLES.certificate]: certificate, [STEP_VARIABLES.privateKey]: privateKey } = env;
    if (!certificate || !privateKey) {
      throw new StepError(
        `the certificate or the private key of ${workload.title} is empty; set its Terraform variables`,
      );
    }
    await workload.writeCertificate(certificate, privateKey);
  },
  'configure-workload': configureWorkload,
  'write-secrets': writeSecrets,
  'wait-for-rollout': waitForRollout,
  'smoke-test': smokeTest,
};

/**
 * Runs a step.
 * @throws StepError if the name is unknown or the specification is invalid; otherwise the errors of the step
 */
export async function executeStep(name: string, { specification, ...output }: StepContext): Promise<void> {
  if (!isStep(name)) {
    throw new StepError(`unknown step "${name}"; expected one of ${Object.keys(steps).join(', ')}`);
  }
  await run(name, steps[name], specification, output);
}

function isStep(name: string): name is StepName {
  return Object.hasOwn(steps, name);
}

/** @param step the step with this name */
async function run<N extends StepName>(
  name: N,
  step: Steps[N],
  specification: unknown,
  output: Output,
): Promise<void> {
  await step(parse(name, specification), output);
}

function parse<N extends StepName>(name: N, specification: unknown): StepSpecification<N> {
  const parsed = stepSchemas[name].safeParse(specification);
  if (!parsed.success) {
    throw new StepError(
      `invalid specification of step "${name}" (${z.prettifyError(parsed.error)}); ` +
        'synthesize the stack with the installed version of cdktf-brainwave',
    );
  }
  return parsed.data as StepSpecification<N>;
}

async function configureWorkload(
  specification: StepSpecification<'configure-workload'>,
  { write }: Output,
): Promise<void> {
  const { name } = specification;
  const workloads = LocalWorkloads.of();
  await (specification.kind === 'service'
    ? workloads.service(name).up(specification, write)
    : workloads.endpoint(name).up(specification, write));
}

async function registerModel(
  { registry, path: zip, ...model }: StepSpecification<'register-model'>,
  { write }: Output,
): Promise<void> {
  await new ModelRegistry(inProject(registry)).register(model, zip);
  write(`registered model ${model.name} version ${model.version} in ${registry}`);
}

async function removeModel(
  { registry, name }: StepSpecification<'remove-model'>,
  { write }: Output,
): Promise<void> {
  await new ModelRegistry(inProject(registry)).remove(name);
  write(`removed model ${name} from ${registry}`);
}

function keysOf(env: NodeJS.ProcessEnv, whose: string): KeyPair {
  const { [STEP_VARIABLES.primaryKey]: primaryKey, [STEP_VARIABLES.secondaryKey]: secondaryKey } = env;
  if (!primaryKey || !secondaryKey) {
    throw new StepError(`the primary or the secondary key of ${whose} is empty; set its Terraform variables`);
  }
  return { primaryKey, secondaryKey };
}

async function writeSecrets({ name }: StepSpecification<'write-secrets'>, { env }: Output): Promise<void> {
  const secrets = secretsOf(name);
  const { [STEP_VARIABLES.kubeconfig]: kubeconfig } = env;
  if (kubeconfig !== undefined) {
    await secrets.writeKubeconfig(kubeconfig);
  }
  if (kubeconfig === undefined || STEP_VARIABLES.primaryKey in env) {
    await secrets.writeKeys(keysOf(env, `the service that smoke test "${name}" calls`));
  }
}

async function waitForRollout(
  { kubeconfig, temporarySecrets, ...rollout }: StepSpecification<'wait-for-rollout'>,
  { write, interruption }: Output,
): Promise<void> {
  await withSecrets(temporarySecrets, async () => {
    const { waitForDeployment } =
      require('../kubernetes/deployment-rollout') as typeof import('../kubernetes/deployment-rollout');
    const { prepareCandidate } =
      require('../kubernetes/candidate') as typeof import('../kubernetes/candidate');
    const client = await connect(kubeconfig);
    await waitForDeployment(client, rollout, {
      write,
      signal: interruption(),
      prepare: () => prepareCandidate(client, rollout, write),
    });
  });
}

async function smokeTest(
  specification: StepSpecification<'smoke-test'>,
  { write, interruption }: Output,
): Promise<void> {
  const { pods, temporarySecrets, test } = specification;
  const signal = interruption();
  await withSecrets(temporarySecrets, async () => {
    const { optionsOf } = require('../smoke-test/index') as typeof import('../smoke-test/index');
    const options = await optionsOf(test, process.cwd(), findProjectFolder());
    if (pods === undefined) {
      const { host, connectTo = host, port } = options.target;
      await LocalWorkloads.of().requireRunning(connectTo, port);
      await finishTest(specification, await runHere({ ...options, signal }, write), write);
      return;
    }
    const { testPods } = require('../kubernetes/test-pods') as typeof import('../kubernetes/test-pods');
    await testPods(
      await connect(pods.kubeconfig),
      pods,
      options,
      { write, signal },
      {
        runHere: (redirected) => runHere({ ...redirected, signal }, write),
        finish: (report) => finishTest(specification, report, write),
      },
    );
  });
}

/**
 * Runs a test on this machine. Writes what it waits for; the lines of its checks follow with its result, because Terraform
 * repeats all output of a failed step, which should start with the reason.
 */
async function runHere(options: SmokeTestOptions, write: Output['write']): Promise<SmokeTestReport> {
  const { checkLine, runSmokeTest, TextReport } =
    require('../smoke-test/index') as typeof import('../smoke-test/index');
  const text = new TextReport(textOptions(write));
  const report = await runSmokeTest({
    ...options,
    onEvent: (event) => {
      if (event.kind !== 'check-ended') {
        text.onEvent(event);
      }
    },
    optionNames: stackOptionNames,
  });
  if (report.passed) {
    report.checks.forEach((check) => {
      write(checkLine(check, false));
    });
    text.finish(report);
  }
  return report;
}

/** @throws SmokeTestError if the test failed */
async function finishTest(
  { reportFile, reports = [], pods, callers }: StepSpecification<'smoke-test'>,
  report: SmokeTestReport,
  write: Output['write'],
): Promise<void> {
  const { failureLines, SmokeTestError, writeReports } =
    require('../smoke-test/index') as typeof import('../smoke-test/index');
  await writeReports(
    report,
    [reportFile, ...reports].map((file) => ({
      format: reportFormatOf(file) ?? 'json',
      file: inProject(file),
    })),
  );
  const files = `report: ${[reportFile, ...reports].join(', ')}`;
  if (report.passed) {
    write(files);
    return;
  }
  const lines = failureLines(
    // The job in the cluster has written its lines.
    pods?.job === undefined
      ? report
      : { ...report, checks: [], samples: [], latency: undefined, certificate: undefined },
    TEXT_STYLE,
  );
  const isWrong = report.failure?.check === 'expectations';
  throw new SmokeTestError(
    'EXPECTATION_FAILED',
    [lines.trimEnd(), files, ...(isWrong ? [REACHED_BY[callers ?? 'all']] : [])].join('\n'),
  );
}

/** What a wrong answer means for the callers of the service. */
const REACHED_BY = {
  all: 'callers already reach this version; to give them the former one, undo the change and apply again',
  share: 'callers reach this version only by its share of the traffic',
  none: 'no caller reaches this version yet',
};

/** Width and color of lines in Terraform's log. */
const TEXT_STYLE = { width: 72, color: false };

function textOptions(write: Output['write']): TextReportOptions {
  return {
    write: (lines) => {
      write(lines.trimEnd());
    },
    ...TEXT_STYLE,
  };
}

async function connect({ file, context }: Kubeconfig): Promise<ClusterClient> {
  const { ClusterClient: Client } =
    require('../kubernetes/cluster-client') as typeof import('../kubernetes/cluster-client');
  return Client.connect({ file: file.startsWith('~') ? file : inProject(file), context });
}

/** Removes the secrets of a step when it has ended, passed or failed. */
async function withSecrets(names: readonly string[] | undefined, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } finally {
    await Promise.all((names ?? []).map((name) => secretsOf(name).remove()));
  }
}

function secretsOf(name: string): StepSecrets {
  return new StepSecrets(findStateFolder(), name);
}

function inProject(file: string): string {
  return path.resolve(findProjectFolder(), file);
}
