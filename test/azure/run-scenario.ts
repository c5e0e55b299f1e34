import { createWriteStream, type WriteStream } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { formatImpact } from '../../lib/plan-impact/format-impact';
import type { PlanImpact } from '../../lib/plan-impact/plan-impact';
import type { TerraformBinary } from '../../lib/terraform/terraform-binary';
import type { PlannedChangeEvent } from '../../scripts/terraform/terraform-event';
import type { ApiServerPrograms } from '../kubernetes/cluster/programs';
import { ApiServers } from './kubernetes/api-servers';
import { machineProblems, smokeTestProblems } from './deployed-values';
import { ProgramFolder } from './program-folder';
import type { ProviderMirror } from './provider-mirror';
import { KEPT_TYPES, type Change, type Inputs, type Scenario } from './scenario';
import { addPrerequisites } from './scenarios/prerequisites';
import { AzureSimulator, type AzureContents } from './simulator/azure-simulator';
import { leaveOut } from './synthesized-stack';
import { StackError, TerraformStack } from './terraform-stack';

/** The steps of a scenario, in their order: the columns of the table of results. */
export const STEPS = ['validate', 'apply', 'second plan', 'changes', 'destroy'] as const;
export type StepName = (typeof STEPS)[number];

/** What all scenarios of a run have in common. */
export interface RunContext {
  readonly terraform: TerraformBinary;
  readonly providers: ProviderMirror;
  /** @default - Kubernetes resources are left out */
  readonly kubernetes?: ApiServerPrograms;
  /** Where programs, states and logs are kept, below the repository. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** What came of a scenario. */
export interface ScenarioResult {
  readonly name: string;
  /** The steps that passed. */
  readonly passed: readonly StepName[];
  /** Names of the changes that passed. */
  readonly changes: readonly string[];
  /** @default - nothing failed */
  readonly failure?: { readonly step: StepName; readonly message: string };
}

/** Told what happens. */
export type Say = (line: string) => void;

/** Deploys a scenario to a simulated Azure of its own, changes it, and destroys it. */
export async function runScenario(
  scenario: Scenario,
  context: RunContext,
  say: Say,
): Promise<ScenarioResult> {
  const run = new ScenarioRun(scenario, context, say);
  try {
    await run.start();
    for (const step of STEPS) {
      await run.step(step);
    }
  } catch (error) {
    run.fail(error);
  } finally {
    await run.close();
  }
  return run.result;
}

class ScenarioRun {
  private readonly folder: string;
  private readonly passed: StepName[] = [];
  private readonly changes: string[] = [];
  private current: StepName = 'validate';
  private failure?: { step: StepName; message: string };
  private clusters?: ApiServers;
  private azure?: AzureSimulator;
  private program?: ProgramFolder;
  private requests?: WriteStream;
  /** The Terraform settings that each stack was initialized with. */
  private readonly initialized = new Map<string, string>();
  private readonly before = new Map<string, string>();
  private inputs: Required<Inputs>;

  constructor(
    private readonly scenario: Scenario,
    private readonly context: RunContext,
    private readonly say: Say,
  ) {
    this.folder = path.join(context.folder, scenario.name);
    const { env = {}, variables = {} } = scenario;
    this.inputs = { env, variables };
  }

  get result(): ScenarioResult {
    const { passed, changes, failure } = this;
    return { name: this.scenario.name, passed, changes, ...(failure && { failure }) };
  }

  async start(): Promise<void> {
    const { scenario, context } = this;
    this.program = await ProgramFolder.copy(scenario.program, this.folder);
    if (context.kubernetes) {
      this.clusters = await ApiServers.start(context.kubernetes, this.folder);
    }
    const requests = createWriteStream(path.join(this.folder, 'requests.log'));
    this.requests = requests;
    const azure = await AzureSimulator.start({
      ...(this.clusters && { clusters: this.clusters }),
      onRequest: ({ method, host, path: requested }, { status }) => {
        requests.write(`${new Date().toISOString()} ${status} ${method} ${host}${requested}\n`);
      },
    });
    this.azure = azure;
    await writeFile(this.rootFile, azure.root);
    await addPrerequisites(azure);
    scenario.prepare?.(azure);
    this.expect(new Map(), azure.contents);
  }

  async step(name: StepName): Promise<void> {
    this.current = name;
    const { stacks } = this.scenario;
    switch (name) {
      case 'validate':
        await this.synthesize();
        for (const stack of stacks) {
          this.say(`${stack}: init, validate`);
          await this.init(stack);
          await this.stack(stack).validate();
        }
        // Validated in full: only an apply needs clusters.
        await this.leaveOut();
        break;
      case 'apply':
        for (const stack of stacks) {
          this.say(`${stack}: apply`);
          const { plan } = await this.stack(stack).apply();
          await this.requireNoSecrets(stack, plan);
        }
        await this.requireUsable(stacks);
        break;
      case 'second plan':
        await this.planNothing(stacks);
        break;
      case 'changes':
        for (const change of this.scenario.changes) {
          await this.change(change);
          this.changes.push(change.name);
        }
        break;
      case 'destroy':
        for (const stack of [...stacks].reverse()) {
          this.say(`${stack}: destroy`);
          await this.stack(stack).destroy();
        }
        this.requireNothingLeft();
        break;
    }
    this.requireAnswered();
    this.passed.push(name);
  }

  fail(error: unknown): void {
    const message = error instanceof StackError ? error.message : String((error as Error).stack);
    const unanswered = this.azure?.unanswered ?? [];
    this.failure = { step: this.current, message: [message, ...unanswered].join('\n') };
  }

  async close(): Promise<void> {
    await this.azure?.close();
    await this.clusters?.close();
    this.requests?.end();
  }

  private async synthesize(): Promise<void> {
    const { program } = this.started;
    this.say('synth');
    await program.synthesize({ ...process.env, ...this.inputs.env });
  }

  private async leaveOut(): Promise<void> {
    const { program } = this.started;
    for (const stack of this.scenario.stacks) {
      const file = path.join(program.stackFolder(stack), 'cdk.tf.json');
      const { kubernetesResources } = await leaveOut(file, { kubernetes: this.clusters !== undefined });
      if (kubernetesResources > 0) {
        this.say(`${stack}: ${kubernetesResources} resources of Kubernetes are left out`);
      }
    }
  }

  /** Installs the providers of a stack, again if a change adds one, such as azapi's. */
  private async init(stack: string): Promise<void> {
    const file = path.join(this.started.program.stackFolder(stack), 'cdk.tf.json');
    const { terraform } = JSON.parse(await readFile(file, 'utf8')) as { terraform: unknown };
    const settings = JSON.stringify(terraform);
    if (this.initialized.get(stack) !== settings) {
      await this.stack(stack).init();
      this.initialized.set(stack, settings);
    }
  }

  private async change(change: Change): Promise<void> {
    const { azure, program } = this.started;
    const { stacks = this.scenario.stacks, edits = [], env = {}, variables = {} } = change;
    this.inputs = {
      env: { ...this.inputs.env, ...env },
      variables: { ...this.inputs.variables, ...variables },
    };
    try {
      for (const edit of edits) {
        await program.edit(edit);
      }
      const { contents } = azure;
      change.inAzure?.(azure);
      this.expect(contents, azure.contents);
      await this.synthesize();
      await this.leaveOut();
      if (change.changesNothing !== true) {
        const planned: PlannedChangeEvent[] = [];
        const impacts: PlanImpact[] = [];
        for (const stack of stacks) {
          this.say(`${stack}: ${change.name}`);
          await this.init(stack);
          const { changes, impact, plan } = await this.stack(stack).apply();
          await this.requireNoSecrets(stack, plan);
          planned.push(...changes);
          impacts.push(impact);
        }
        this.requireInPlace(change, planned);
        await this.requireImpact(change, impacts);
        await this.requireUsable(stacks);
      }
      await this.planNothing(this.scenario.stacks);
    } catch (error) {
      if (error instanceof StackError) {
        throw new StackError(`${change.name}: ${error.message}`);
      }
      throw error;
    }
  }

  /** What the stacks hand to machines and to smoke tests must be usable, with the values of the apply. */
  private async requireUsable(stacks: readonly string[]): Promise<void> {
    for (const name of stacks) {
      const problems = smokeTestProblems(await this.stack(name).resources('terraform_data'));
      if (problems.length > 0) {
        throw new StackError(problems.join('\n'));
      }
    }
    const problems = machineProblems(this.started.azure);
    if (problems.length > 0) {
      throw new StackError(problems.join('\n'));
    }
  }

  private async requireNoSecrets(stack: string, plan: string): Promise<void> {
    if (this.scenario.keepsSecretsOut !== true) {
      return;
    }
    const { confidential } = this.started.azure.vaults;
    const state = await this.stack(stack).state();
    for (const [where, written] of Object.entries({ plan, state })) {
      const text = withDecoded(written);
      const found = confidential.find((value) => text.includes(value));
      if (found !== undefined) {
        const before = text.slice(Math.max(0, text.indexOf(found) - 200), text.indexOf(found));
        throw new StackError(`the ${where} of ${stack} contains a secret of a vault, after: ${before}`);
      }
    }
    if (confidential.length === 0) {
      throw new StackError(
        `${stack} must have secrets in a vault, or nothing is found in its plan and state`,
      );
    }
  }

  private async planNothing(stacks: readonly string[]): Promise<void> {
    for (const stack of stacks) {
      this.say(`${stack}: plan`);
      await this.stack(stack).planNothing();
    }
  }

  private requireInPlace(
    { updates = [], mayReplace = [], smokeTest = true }: Change,
    planned: readonly PlannedChangeEvent[],
  ): void {
    const changes = planned.map(({ address, action }) => ({ address, action, type: typeOf(address) }));
    const hasKubernetes = this.clusters !== undefined;
    const replaced = changes.filter(
      ({ type, action }) =>
        KEPT_TYPES.has(type) && !mayReplace.includes(type) && action !== 'update' && action !== 'create',
    );
    const missing = updates.filter(
      (wanted) =>
        (hasKubernetes || !wanted.startsWith('kubernetes_')) &&
        !changes.some(({ type, action }) => type === wanted && action === 'update'),
    );
    const tested = changes.some(({ address }) => /^terraform_data\..*SmokeTest/.test(address));
    const problems = [
      ...replaced.map(({ address, action }) => `${address} must stay, but its action is ${action}`),
      ...missing.map((type) => `${type} must be updated in place, but is not`),
      ...(smokeTest && !tested ? ['no smoke test would run again'] : []),
    ];
    if (problems.length > 0) {
      const plan = changes.map(({ address, action }) => `  ${action} ${address}`);
      throw new StackError([...problems, 'the plan:', ...plan].join('\n'));
    }
  }

  /** What the plan said of the callers, which is also logged, must be what the change is known to do to them. */
  private async requireImpact(
    { name, changesService = true, losesCalls = false }: Change,
    impacts: readonly PlanImpact[],
  ): Promise<void> {
    const text = impacts.map((impact) => formatImpact(impact, (_, plain) => plain)).join('\n');
    await appendFile(path.join(this.folder, 'impact.txt'), `--- ${name}\n${text}\n`);
    const services = impacts.flatMap((impact) => impact.services);
    const changes = services.some(({ change }) => change !== 'unchanged');
    const loses = services.some((each) => each.losesCalls);
    if (this.clusters && (services.length === 0 || changes !== changesService || loses !== losesCalls)) {
      throw new StackError(
        `the impact of the plan must be that ${changesService ? 'a' : 'no'} service changes, and ${losesCalls ? 'calls are' : 'no call is'} lost:\n${text}`,
      );
    }
  }

  /** What others than Terraform changed must be there after the destroy, too. */
  private expect(former: AzureContents, current: AzureContents): void {
    for (const [key, text] of current) {
      if (former.get(key) !== text) {
        this.before.set(key, text);
      }
    }
  }

  /** Compares with what there was before; a state's blob stays, empty. */
  private requireNothingLeft(): void {
    const after = this.started.azure.contents;
    const differences = [...new Set([...this.before.keys(), ...after.keys()])].filter(
      (key) => this.before.get(key) !== after.get(key) && !isEmptyState(key, after.get(key)),
    );
    if (differences.length > 0) {
      const lines = differences.map((key) => `${key} ${describe(key, this.before.get(key), after.get(key))}`);
      throw new StackError(`the destroy left Azure other than it was:\n${lines.join('\n')}`);
    }
  }

  private requireAnswered(): void {
    const { unanswered } = this.started.azure;
    if (unanswered.length > 0) {
      throw new StackError('the simulator does not know what the provider asked for');
    }
  }

  private stack(name: string): TerraformStack {
    const { azure, program } = this.started;
    const { terraform, providers, signal } = this.context;
    const variables = Object.entries(this.inputs.variables).map(([variable, value]): [string, string] => [
      `TF_VAR_${variable}`,
      value,
    ]);
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      ...this.inputs.env,
      ...Object.fromEntries(variables),
      ...azure.environment(this.rootFile),
      ...this.clusters?.environment,
      TF_CLI_CONFIG_FILE: providers.configurationFile,
      TF_IN_AUTOMATION: '1',
      CHECKPOINT_DISABLE: '1',
      // Each command loads the schemas of azurerm, and short-lived processes have no need to collect that garbage.
      GOGC: '400',
    };
    return new TerraformStack(terraform, program.stackFolder(name), env, signal);
  }

  private get rootFile(): string {
    return path.join(this.folder, 'azure.pem');
  }

  private get started(): { azure: AzureSimulator; program: ProgramFolder } {
    const { azure, program } = this;
    if (!azure || !program) {
      throw new Error('the scenario is not started');
    }
    return { azure, program };
  }
}

/** A text, followed by what it contains in base64. */
function withDecoded(text: string): string {
  const encoded = text.match(/[A-Za-z\d+/]{100,}={0,2}/g) ?? [];
  return [text, ...encoded.map((each) => Buffer.from(each, 'base64').toString('latin1'))].join('\n');
}

/** The type in an address such as `module.a.azurerm_public_ip.x["y"]`. */
function typeOf(address: string): string {
  return address.split('.').at(-2) ?? '';
}

function isEmptyState(key: string, text: string | undefined): boolean {
  return (
    key.startsWith('blob ') &&
    key.endsWith('.tfstate') &&
    text !== undefined &&
    (JSON.parse(text) as { resources: unknown[] }).resources.length === 0
  );
}

function describe(key: string, before: string | undefined, after: string | undefined): string {
  if (before === undefined) {
    return 'is left over';
  }
  if (after === undefined) {
    return 'is gone';
  }
  return key.startsWith('/') ? `was ${before}, is ${after}` : 'has another content';
}
