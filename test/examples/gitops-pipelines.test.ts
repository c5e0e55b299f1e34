import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { parseDocument } from 'yaml';

const example = path.resolve(__dirname, '../../examples/gitops');
const files = readdirSync(example, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yml') && !file.includes('node_modules'))
  .sort();
const github = files.filter((file) => file.startsWith('.github/'));
const azure = files.filter((file) => file.startsWith('azure-pipelines/'));

type Node = Readonly<Record<string, unknown>>;

/** All mappings of a file, however deep. */
function nodesOf(file: string): Node[] {
  const document = parseDocument(readFileSync(path.join(example, file), 'utf8'), { strict: true });
  expect(document.errors).toEqual([]);
  expect(document.warnings).toEqual([]);
  return collect(document.toJS());
}

function collect(value: unknown): Node[] {
  if (Array.isArray(value)) {
    return value.flatMap(collect);
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return [value as Node, ...Object.values(value).flatMap(collect)];
}

/** The texts that a pipeline hands to a shell. */
function shellSteps(file: string): string[] {
  return nodesOf(file).flatMap((node) =>
    [node.run, node.script, node.inlineScript].filter((text) => typeof text === 'string'),
  );
}

function scriptsIn(text: string): string[] {
  return text.match(/\bscripts\/[\w.-]+/g) ?? [];
}

it('has pipelines for GitHub and for Azure DevOps', () => {
  expect(github).toEqual([
    '.github/actions/setup/action.yml',
    '.github/workflows/certificate.yml',
    '.github/workflows/deploy.yml',
    '.github/workflows/nightly.yml',
    '.github/workflows/pull-request.yml',
  ]);
  expect(azure).toEqual([
    'azure-pipelines/certificate.yml',
    'azure-pipelines/nightly.yml',
    'azure-pipelines/pipeline.yml',
    'azure-pipelines/setup.yml',
    'azure-pipelines/smoke-test-reports.yml',
  ]);
});

describe.each(files)('%s', (file) => {
  it('calls scripts that are there and can be run', () => {
    for (const script of shellSteps(file).flatMap(scriptsIn)) {
      const mode = script === 'scripts/azure-devops-login.sh' ? constants.R_OK : constants.X_OK;
      expect(() => {
        accessSync(path.join(example, script), mode);
      }).not.toThrow();
    }
  });

  it('takes no secret from a store', () => {
    const text = readFileSync(path.join(example, file), 'utf8');
    expect(text).not.toMatch(/\bsecrets\.|ARM_CLIENT_SECRET|password/i);
  });
});

describe.each(github)('%s', (file) => {
  it("pins each action's version, and finds those of its own", () => {
    const uses = nodesOf(file).flatMap((node) => (typeof node.uses === 'string' ? [node.uses] : []));
    const own = uses.filter((each) => each.startsWith('./'));

    expect(uses.length).toBeGreaterThan(0);
    expect(own.filter((each) => !existsSync(path.join(example, each, 'action.yml')))).toEqual([]);
    for (const other of uses.filter((each) => !own.includes(each))) {
      expect(other).toMatch(/^[\w.-]+\/[\w.-]+@v\d+\.\d+\.\d+$/);
    }
  });

  it('gives the token of a job that logs in to Azure, and of no other', () => {
    for (const job of nodesOf(file).filter((node) => 'runs-on' in node)) {
      const { permissions, env } = job as { permissions?: Node; env?: Node };
      expect(permissions?.['id-token']).toBe(env?.ARM_USE_OIDC === true ? 'write' : undefined);
    }
  });
});

it('lets no other workflow take the place of a deployment that waits', () => {
  const groups = github
    .filter((file) => file.startsWith('.github/workflows/'))
    .map((file) => nodesOf(file)[0].concurrency as { group: string; 'cancel-in-progress': boolean });

  expect(groups).toContainEqual({ group: 'deploy', 'cancel-in-progress': false });
  expect(new Set(groups.map(({ group }) => group)).size).toBe(groups.length);
});

it('renews the certificate every night with an identity of its own, and then deploys', () => {
  const [{ on }] = nodesOf('.github/workflows/certificate.yml');
  const [job] = nodesOf('.github/workflows/certificate.yml').filter((node) => 'runs-on' in node);
  const steps = job.steps as Node[];
  const [pipeline] = nodesOf('azure-pipelines/certificate.yml');

  expect(on).toHaveProperty('schedule');
  expect(job.environment).toBe('certificate');
  expect(steps.map(({ run }) => run).filter(Boolean)).toEqual([
    'scripts/synth.sh',
    'scripts/renew.sh',
    'gh workflow run deploy.yml --ref main',
  ]);
  expect(steps.at(-1)?.if).toBe("${{ steps.renew.outputs.renewed == 'true' }}");
  expect(nodesOf('.github/workflows/deploy.yml')[0].on).toHaveProperty('workflow_dispatch');
  expect(pipeline).toHaveProperty('schedules');
});

it("plans no fork's pull request, on either", () => {
  const [job] = nodesOf('.github/workflows/pull-request.yml').filter(
    ({ environment }) => environment === 'plan',
  );
  const [stage] = nodesOf('azure-pipelines/pipeline.yml').filter((node) => node.stage === 'Plan');

  expect(job.if).toBe('github.event.pull_request.head.repo.full_name == github.repository');
  expect(stage.condition).toContain("ne(variables['System.PullRequest.IsFork'], 'True')");
});

it('deploys one after the other on Azure DevOps, and looks without the environment whose lock that takes', () => {
  const deployments = azure.flatMap((file) =>
    nodesOf(file).filter((node) => node.environment === 'production'),
  );
  const [stage] = nodesOf('azure-pipelines/pipeline.yml').filter((node) => node.stage === 'Deploy');

  expect(deployments.map(({ deployment }) => deployment)).toEqual(['Deploy']);
  expect(stage.lockBehavior).toBe('sequential');
  expect(nodesOf('azure-pipelines/nightly.yml').some((node) => 'environment' in node)).toBe(false);
});

describe.each(azure)('%s', (file) => {
  it('has templates that are there, given all of their parameters', () => {
    for (const { template, parameters = {} } of nodesOf(file).filter((node) => 'template' in node)) {
      const target = path.join(path.dirname(file), template as string);
      const declared = nodesOf(target)[0].parameters as { name: string }[] | undefined;
      expect(Object.keys(parameters as Node)).toEqual((declared ?? []).map(({ name }) => name));
    }
  });

  it("pins each task's version", () => {
    for (const { task } of nodesOf(file)) {
      expect(task ?? 'Task@1').toMatch(/^[A-Za-z]+@\d+$/);
    }
  });

  it('logs in wherever it calls Terraform, and hands over the token of the job', () => {
    const terraform = /scripts\/(plan|apply|smoke-test|drift|renew)\.sh/;
    const steps = nodesOf(file).filter((node) => terraform.test(shellTextOf(node)));
    for (const step of steps) {
      expect(step.task).toBe('AzureCLI@2');
      expect(shellTextOf(step)).toMatch(/^\. scripts\/azure-devops-login\.sh && scripts\//);
      expect(step.env).toEqual({ SYSTEM_ACCESSTOKEN: '$(System.AccessToken)' });
    }
  });
});

/** What a step hands to a shell, in its own place or among a task's inputs. */
function shellTextOf({ script, inputs }: Node): string {
  const { inlineScript } = (inputs ?? {}) as { inlineScript?: string };
  return typeof script === 'string' ? script : (inlineScript ?? '');
}

it('calls every script from somewhere, on both', () => {
  const scripts = readdirSync(path.join(example, 'scripts')).filter((name) => name !== 'common.sh');
  const called = (pipelines: string[]) =>
    new Set(
      pipelines
        .flatMap(shellSteps)
        .flatMap(scriptsIn)
        .map((script) => path.basename(script)),
    );

  expect([...called(azure)].sort()).toEqual(scripts.sort());
  expect([...called(github)].sort()).toEqual(scripts.filter((name) => name !== 'azure-devops-login.sh'));
});
