import { formatTopClasses } from '../../lib/report/top-classes';
import { colorEnabled } from '../../lib/report/paint';
import type { TerraformBinary } from '../../lib/terraform/terraform-binary';
import { localServices } from './local-services';
import { requirePort } from './port';
import { command, quickstart, root, shown, type Example } from './project';
import { runCommand } from './run-command';
import { StackSmokeTest } from './smoke-test';
import { StepFailedError } from './step-failed-error';
import { runSteps, type NamedStep } from './steps';
import { synthesize } from './synthesize';
import { describeBinary, provideTerraform, synthesizedResources, terraform, type Changes } from './terraform';

/** Synthesizes the example, applies it and shows the result. */
export async function deploy(): Promise<void> {
  await requirePort();
  await runSteps(deploymentSteps(quickstart));
  await showResult();
}

/** Synthesizes an example, applies it, and tests it even if Terraform has nothing to change. */
export function deploymentSteps(example: Example): NamedStep[] {
  let binary: TerraformBinary | undefined;
  let changes: Changes | undefined;
  const requireBinary = (): TerraformBinary => binary!;
  return [
    {
      title: 'find Terraform',
      run: async ({ say, done }) => {
        binary = await provideTerraform(say);
        done(describeBinary(binary));
      },
    },
    {
      title: `synthesize examples/${example.name} with CDKTF`,
      run: async () => {
        await synthesize(example);
      },
    },
    {
      title: 'terraform init',
      run: async ({ say }) => {
        await terraform(example, requireBinary(), 'init', say);
      },
    },
    {
      title: 'terraform apply',
      run: async ({ say, done }) => {
        changes = await terraform(example, requireBinary(), 'apply', say);
        const { added, changed, removed } = changes;
        done(
          added + changed + removed === 0
            ? 'terraform apply: no changes'
            : `terraform apply: ${added} added, ${changed} changed, ${removed} destroyed`,
        );
      },
    },
    {
      title: 'smoke test',
      run: async ({ done }) => {
        const smokeTest = await StackSmokeTest.find(example);
        // Terraform runs the test only if something has changed, but the service may have stopped since.
        if (!changes?.created.some((construct) => construct.endsWith('/SmokeTest/Run'))) {
          await requireFiles(example);
          await runCommand(process.execPath, [command, 'local', 'up'], { cwd: root });
          await smokeTest.run();
        }
        const { passed, failure, checks } = await smokeTest.report();
        if (!passed) {
          throw new StepFailedError(`the smoke test failed: ${failure?.message ?? ''}`);
        }
        done(`smoke test passed: ${checks.map(({ name }) => name).join(', ')}`);
      },
    },
  ];
}

/** Checks the files of the services, because Terraform does not detect files that were removed by hand. */
async function requireFiles({ stackFolder, script }: Example): Promise<void> {
  const present = (await localServices()).map(({ name }) => name);
  for (const name of await reservations(stackFolder)) {
    if (!present.includes(name)) {
      throw new StepFailedError(
        `${name} is deployed, but its files in .cdktf-brainwave were removed; run \`npm run ${script}:destroy\`, which also ends ` +
          `its process, and then \`npm run ${script}\``,
      );
    }
  }
}

/** Returns the names of the stack's local workloads. */
async function reservations(stackFolder: string): Promise<string[]> {
  const resources = [...(await synthesizedResources(stackFolder)).values()];
  return resources
    .filter((resource) => resource['//']?.metadata?.path?.endsWith('/Reservation'))
    .map(({ triggers_replace: triggers }) => (JSON.parse(triggers!.specification!) as { name: string }).name);
}

async function showResult(): Promise<void> {
  const smokeTest = await StackSmokeTest.find(quickstart);
  const { samples, target } = await smokeTest.report();
  const service = (await localServices()).find(({ port }) => port === target.port);
  const width = Math.min(process.stdout.columns || 80, 100);
  const color = colorEnabled(process.stdout);
  const bars = samples
    .map(({ name, topClasses = [] }) => formatTopClasses(name, topClasses, { width, color }))
    .join('\n');
  const rows = [
    [
      'Service',
      `${service?.address ?? target.host}:${target.port}, gRPC and REST (TensorFlow Serving)${target.tls ? `, as ${target.host}` : ''}`,
    ],
    ['TLS', target.tls ? `on, certificate ${shown(service?.rootCertificateFile ?? '')}` : 'off'],
    ['Keys', target.key ? `on, primary and secondary in ${shown(service?.keyFile ?? '')}` : 'off'],
    ['Report', shown(smokeTest.reportFile)],
    ...(service?.metricsUrl ? [['Metrics', `curl ${service.metricsUrl}`]] : []),
    ['Score your image', 'npm run score -- path/to/your-image.jpg'],
    ['Try it in a page', 'npx cdktf-brainwave playground'],
    ['Destroy it all', 'npm run quickstart:destroy'],
  ];
  const table = rows.map(([name, value]) => `${name.padEnd(18)}${value}\n`).join('');
  process.stdout.write(`\n${bars}\n${table}`);
}
