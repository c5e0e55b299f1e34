import { parsePlan } from '../../lib/plan-impact/plan';
import { planImpact, type PlanImpact } from '../../lib/plan-impact/plan-impact';
import type { TerraformBinary } from '../../lib/terraform/terraform-binary';
import { runTerraform } from '../../scripts/terraform/run-terraform';
import {
  type DiagnosticEvent,
  parseUiLine,
  type PlannedChangeEvent,
} from '../../scripts/terraform/terraform-event';
import { objectOf, objectsOf, type JsonObject } from './simulator/json';

/** What Terraform or a provider found wrong, or a change that is not as it must be. */
export class StackError extends Error {}

/** Azure's operations are done at once: more of them run at the same time than by default. */
const PARALLELISM = '-parallelism=30';

/** Locally installed providers have hashes of this machine's platform alone. */
const EXPECTED_WARNINGS = ['Incomplete lock file information for providers'];

/** In the stack's folder. */
const PLAN_FILE = 'plan.bin';

/** What an apply did. */
export interface AppliedPlan {
  readonly changes: readonly PlannedChangeEvent[];
  readonly impact: PlanImpact;
  /** JSON of the plan. */
  readonly plan: string;
}

/** Runs Terraform in the folder of a synthesized stack. Errors and warnings are failures. */
export class TerraformStack {
  constructor(
    private readonly terraform: TerraformBinary,
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly signal: AbortSignal,
  ) {}

  async init(): Promise<void> {
    const lines: string[] = [];
    const { exitCode } = await this.run(['init', '-input=false', '-no-color'], (line) => lines.push(line));
    const text = lines.join('\n').trim();
    const warning = /^(?:[│|] )?Warning: (.*)$/m.exec(text)?.[1];
    if (exitCode !== 0 || (warning !== undefined && !EXPECTED_WARNINGS.includes(warning))) {
      throw new StackError(`terraform init:\n${text}`);
    }
  }

  async validate(): Promise<void> {
    const lines: string[] = [];
    await this.run(['validate', '-json'], (line) => lines.push(line));
    const { diagnostics, valid } = JSON.parse(lines.join('\n')) as {
      valid: boolean;
      diagnostics: readonly { summary: string; detail?: string; address?: string }[];
    };
    if (!valid || diagnostics.length > 0) {
      throw new StackError(`terraform validate:\n${diagnostics.map(describe).join('\n')}`);
    }
  }

  /** Applies, and returns what was planned and what that means for callers. */
  async apply(): Promise<AppliedPlan> {
    const changes = await this.change(['plan', `-out=${PLAN_FILE}`]);
    const lines: string[] = [];
    await this.run(['show', '-json', PLAN_FILE], (line) => lines.push(line));
    const plan = lines.join('\n');
    const impact = planImpact(parsePlan(plan, 'the plan'));
    await this.change(['apply', PARALLELISM, PLAN_FILE]);
    return { changes, impact, plan };
  }

  async destroy(): Promise<void> {
    await this.change(['destroy', '-auto-approve', PARALLELISM]);
  }

  /** Plans, and fails if there is anything to change. */
  async planNothing(): Promise<void> {
    const planned = await this.change(['plan', '-lock=false']);
    if (planned.length > 0) {
      throw new StackError(
        `terraform plan is not empty:\n${planned.map(({ message }) => message).join('\n')}`,
      );
    }
  }

  /** JSON of the state. */
  async state(): Promise<string> {
    const lines: string[] = [];
    const { exitCode } = await this.run(['state', 'pull'], (line) => lines.push(line));
    if (exitCode !== 0) {
      throw new StackError(`terraform state pull:\n${lines.join('\n')}`);
    }
    return lines.join('\n');
  }

  /** The attributes of the deployed resources of a type. */
  async resources(type: string): Promise<JsonObject[]> {
    const state = JSON.parse(await this.state()) as JsonObject;
    return objectsOf(state.resources)
      .filter((each) => each.type === type && each.mode === 'managed')
      .flatMap((each) => objectsOf(each.instances).map(({ attributes }) => objectOf(attributes)));
  }

  private async change(args: readonly string[]): Promise<PlannedChangeEvent[]> {
    const planned: PlannedChangeEvent[] = [];
    const diagnostics: DiagnosticEvent[] = [];
    const plain: string[] = [];
    const [command, ...others] = args;
    const { exitCode } = await this.run([command, '-input=false', '-json', ...others], (line) => {
      const event = parseUiLine(line);
      if (event?.type === 'planned_change' && event.action !== 'read') {
        planned.push(event);
      } else if (event?.type === 'diagnostic') {
        diagnostics.push(event);
      } else if (event === undefined && !line.startsWith('{')) {
        plain.push(line);
      }
    });
    if (diagnostics.length > 0 || exitCode !== 0) {
      const reasons = diagnostics.length > 0 ? diagnostics.map(describe) : plain;
      throw new StackError(`terraform ${args[0]}:\n${reasons.join('\n')}`);
    }
    return planned;
  }

  private run(args: readonly string[], onLine: (line: string) => void): Promise<{ exitCode: number | null }> {
    return runTerraform(this.terraform, args, {
      cwd: this.folder,
      env: this.env,
      onLine,
      signal: this.signal,
    });
  }
}

function describe({
  summary,
  detail = '',
  address,
}: {
  summary: string;
  detail?: string;
  address?: string;
}): string {
  return `${address === undefined ? '' : `${address}: `}${summary}${detail === '' ? '' : `\n  ${detail.replace(/\n/g, '\n  ')}`}`;
}
