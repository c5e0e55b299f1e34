import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import {
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
} from '../../constructs';
import {
  CLASSIFIER,
  sampleServiceDefinition,
  sampleWithClassifier,
  TIGER_CAT,
} from '../support/sample-service-definition';
import { leftOf, processesOf } from './interruption';
import { images } from './sample';
import { freePort, TerraformProject } from './terraform-project';

/** Each would make a file named `pwned` if a shell, or what else expands texts, ever saw it. */
const SHELL = '$(touch pwned) `touch pwned` ";touch pwned;" \'&& touch pwned\' > pwned';
const TERRAFORM = '${file("pwned")} %{ if true }x%{ endif }';
const LABEL = `-e tiger ${SHELL} ${TERRAFORM} <script>ünïcödé 日本 🐈</script> \\`;
const IMAGE = `-rf ${SHELL} \${x}\nünï 🐈\\.png`;
// Terraform itself takes no name that begins with a dash.
const ID = `Service -e ${SHELL} ü`;

let project: TerraformProject;
let port: number;

beforeEach(async () => {
  project = new TerraformProject(`-p ${SHELL} \n ü `);
  port = await freePort();
});

afterEach(async () => {
  await project.remove();
});

function declare(): void {
  const labels = path.join(project.folder, 'labels.txt');
  const names = sampleServiceDefinition()._content.labels!;
  writeFileSync(labels, names.map((name, index) => (index === TIGER_CAT ? LABEL : name)).join('\n'));
  project.synth((stack) => {
    const service = new BrainwaveWebservice(stack, ID, {
      model: new RegisteredModel(stack, `${ID}-Model`, {
        workspace: new LocalWorkspace(stack, 'Workspace'),
        name: 'efficientnet-lite0',
        serviceDefinition: sampleWithClassifier(CLASSIFIER, labels),
      }),
      compute: new LocalCompute({ port }),
    });
    new SmokeTest(stack, `${ID}-SmokeTest`, {
      service,
      samples: [Sample.image(path.join('images', IMAGE))],
      expect: { label: LABEL },
    });
  });
}

/** Those of a folder's files that are named so; what is linked into it is not looked into. */
function filesNamed(name: string, folder = project.folder): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? filesNamed(name, file) : entry.name === name ? [file] : [];
  });
}

it('names with quotes, newlines, $(), unicode and leading dashes reach the steps and the server unchanged, and no shell sees them', async () => {
  for (const folder of ['.', 'images']) {
    mkdirSync(path.join(project.folder, folder), { recursive: true });
    copyFileSync(images.chelsea, path.join(project.folder, folder, IMAGE));
  }
  declare();
  await project.init();

  const applied = await project.apply();

  expect(applied.output).toContain('smoke test passed');
  expect(applied.ok).toBe(true);
  const [service] = await project.services();
  const reports = '.cdktf-brainwave/reports';
  const [file] = readdirSync(path.join(project.folder, reports));
  const report = JSON.parse(project.read(path.join(reports, file))) as {
    samples: { name: string; topClasses: { label: string }[] }[];
  };
  expect(report.samples[0].topClasses[0].label).toBe(LABEL);
  expect(report.samples[0].name).toBe(IMAGE);
  expect(await processesOf(project)).toHaveLength(1);
  const commandLine = readFileSync(`/proc/${service.pid!}/cmdline`, 'utf8').split('\0');
  expect(commandLine).toContain(path.join(path.dirname(service.logFile), 'configuration.json'));
  expect(await project.hasChanges()).toBe(false);

  const scored = await project.command('score', '--service', service.name, '--json', '--', IMAGE);
  expect(scored).toMatchObject({ ok: true });
  const [answer] = JSON.parse(scored.output) as { image: string; classes: { label: string }[] }[];
  expect(answer.image).toBe(IMAGE);
  expect(answer.classes[0].label).toBe(LABEL);
  const unknown = await project.command('local', 'status', SHELL);
  expect(unknown.ok).toBe(false);
  expect(unknown.output).toContain(SHELL);

  expect(await project.destroy()).toMatchObject({ ok: true });
  expect(await leftOf(project, port)).toEqual([]);
  expect(filesNamed('pwned')).toEqual([]);
});
