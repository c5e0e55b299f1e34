
import { formatTopClasses } from '../../lib/report/top-classes';
import { colorEnabled } from '../../lib/cli/color';
import type { TerraformBinary } from '../../lib/terraform';
import { localServices } from './local-services';
import { command, root, shown } from './project';
import { runCommand } from './run-command';
import { StackSmokeTest } from './smoke-test';
import { StepFailedError } from './step-failed-error';
import { runSteps } from './steps';
import { synthesize } from './synthesize';
import { describeBinary, provideTerraform, terraform, type Changes } from './terraform';

/** Synthesizes the example, applies it and shows what came out. */
export async function deploy(): Promise<void> {
  let binary: TerraformBinary | undefined;
  let changes: Changes | undefined;
  const requireBinary = (): TerraformBinary => binary!;
  await runSteps([
    {
      title: 'find Terraform',
      run: async ({ say, done }) => {
        binary = await provideTerraform(say);
        done(describeBinary(binary));
      },
    },
    {
      title: 'synthesize examples/quickstart with CDKTF',
      run: async () => {
        await synthesize();
      },
    },
    {
      title: 'terraform init',
      run: async ({ say }) => {
        await terraform(requireBinary(), 'init', say);
      },
    },
    {
      title: 'terraform apply',
      run: async ({ say, done }) => {
        changes = await terraform(requireBinary(), 'apply', say);
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
        const smokeTest = await StackSmokeTest.find();
        // Terraform runs it when something has changed. Otherwise the service may even have stopped since.
        if (!changes?.created.some((construct) => construct.endsWith('/SmokeTest/Run'))) {
          await requireFiles(smokeTest.port);
          await runCommand(process.execPath, [command, 'local', 'up'], { cwd: root });
          await smokeTest.run();
        }
        const { passed, failure, stages } = await smokeTest.report();
        if (!passed) {
          throw new StepFailedError(`the smoke test failed: ${failure?.message ?? ''}`);
        }
        done(`smoke test passed: ${stages.map(({ name }) => name).join(', ')}`);
      },
    },
  ]);
  await showResult();
}

/** Terraform does not look at them: what was removed by hand is no change to it. */
async function requireFiles(port: number): Promise<void> {
  if (!(await localServices()).some((service) => service.port === port)) {
    throw new StepFailedError(
      `the service is deployed, but its files in .cdktf-brainwave are gone; end its process where it still has port ${port} ` +
        `(\`lsof -i :${port}\` names it), then run \`npm run quickstart:destroy\` and \`npm run quickstart\``,
    );
  }
}

async function showResult(): Promise<void> {
  const smokeTest = await StackSmokeTest.find();
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
      `${service?.address ?? target.host}:${target.port}, gRPC (TensorFlow Serving)${target.tls ? `, as ${target.host}` : ''}`,
    ],
    ['TLS', target.tls ? `on, certificate ${shown(service?.rootCertificateFile ?? '')}` : 'off'],
    ['Keys', target.key ? `on, primary and secondary in ${shown(service?.keyFile ?? '')}` : 'off'],
    ['Report', shown(smokeTest.reportFile)],
    ['Score your image', 'npm run score -- path/to/your-image.jpg'],
    ['Destroy it all', 'npm run quickstart:destroy'],
  ];
  const table = rows.map(([name, value]) => `${name.padEnd(18)}${value}\n`).join('');
  process.stdout.write(`\n${bars}\n${table}`);
}
