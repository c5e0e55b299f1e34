import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { SmokeTestReport } from '../../lib/smoke-test';
import { root, stackFolder } from './project';
import { runCommand } from './run-command';
import { StepFailedError } from './step-failed-error';
import { synthesizedResources } from './terraform';

interface Specification {
  readonly test: { readonly target: { readonly port: number } };
  readonly reportFile: string;
}

/** The smoke test of the synthesized stack. */
export class StackSmokeTest {
  static async find(): Promise<StackSmokeTest> {
    for (const resource of (await synthesizedResources()).values()) {
      const specification = resource.triggers_replace?.specification;
      if (resource['//']?.metadata?.path?.endsWith('/SmokeTest/Run') && specification) {
        return new StackSmokeTest(JSON.parse(specification) as Specification);
      }
    }
    throw new StepFailedError('the stack has no smoke test');
  }

  private constructor(private readonly specification: Specification) {}

  get reportFile(): string {
    return path.join(root, this.specification.reportFile);
  }

  /** The port of the service that it calls. */
  get port(): number {
    return this.specification.test.target.port;
  }

  /** Runs the step that Terraform runs at apply, for a stack in which nothing has changed. */
  async run(): Promise<void> {
    await runCommand(
      process.execPath,
      ['-e', 'require("cdktf-brainwave/provisioner").runStep("smoke-test")'],
      {
        cwd: stackFolder,
        env: { ...process.env, CDKTF_BRAINWAVE_SPECIFICATION: JSON.stringify(this.specification) },
      },
    );
  }

  async report(): Promise<SmokeTestReport> {
    return JSON.parse(await readFile(this.reportFile, 'utf8')) as SmokeTestReport;
  }
}
