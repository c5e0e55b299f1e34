import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { SmokeTestReport } from '../../lib/smoke-test';
import { root, type Example } from './project';
import { runCommand } from './run-command';
import { StepFailedError } from './step-failed-error';
import { synthesizedResources } from './terraform';

interface Specification {
  readonly reportFile: string;
}

/** Parses a specification without the values that only Terraform knows, such as the revision of the service. */
function parseSpecification(template: string): Specification {
  const json = template.replaceAll(/\$\{jsonencode\([^)]*\)\}/g, 'null');
  return JSON.parse(json, (_, value: unknown) => value ?? undefined) as Specification;
}

/** Smoke test of the synthesized stack. */
export class StackSmokeTest {
  static async find({ stackFolder }: Example): Promise<StackSmokeTest> {
    for (const resource of (await synthesizedResources(stackFolder)).values()) {
      const specification = resource.triggers_replace?.specification;
      const { interpreter: [, ...args] = [], command } = resource.provisioner?.at(-1)?.['local-exec'] ?? {};
      if (resource['//']?.metadata?.path?.endsWith('/SmokeTest/Run') && specification && command) {
        return new StackSmokeTest(stackFolder, [...args, command], parseSpecification(specification));
      }
    }
    throw new StepFailedError('the stack has no smoke test');
  }

  private constructor(
    private readonly stackFolder: string,
    /** Arguments of Node.js. */
    private readonly args: readonly string[],
    private readonly specification: Specification,
  ) {}

  get reportFile(): string {
    return path.join(root, this.specification.reportFile);
  }

  /** Runs the step that Terraform runs at apply, for a stack in which nothing has changed. */
  async run(): Promise<void> {
    await runCommand(process.execPath, this.args, {
      cwd: this.stackFolder,
      env: { ...process.env, CDKTF_BRAINWAVE_SPECIFICATION: JSON.stringify(this.specification) },
    });
  }

  async report(): Promise<SmokeTestReport> {
    return JSON.parse(await readFile(this.reportFile, 'utf8')) as SmokeTestReport;
  }
}
