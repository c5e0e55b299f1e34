import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { Monitoring } from '../../../constructs';
import { FakeWebservice } from '../../../constructs/testing';
import { afterwards } from '../../support/cleanup';
import { compilerMessages } from '../../support/compile';
import { temporaryFolder } from '../../support/temporary-folder';
import { TestProject } from '../support/test-project';

const project = new TestProject();
afterAll(() => {
  project.leave();
});

function declaredDashboard(): string {
  const stack = project.stack('grafana');
  const service = new FakeWebservice(stack, 'Service');
  return new Monitoring(stack, 'Monitoring', { service, latencyBudgetMs: 250 }).dashboard;
}

/** Replaces the first occurrence of a text, which must be there. */
function changed(json: string, from: string, to: string): string {
  expect(json).toContain(from);
  return json.replace(from, to);
}

/** Returns what the compiler says of each dashboard as a value of Grafana's types. */
async function judge(dashboards: readonly string[]): Promise<string[][]> {
  const folder = await temporaryFolder();
  afterwards(folder.remove);
  const types = path.join(__dirname, 'grafana-dashboard');
  const files = dashboards.map((dashboard, index) => {
    const file = path.join(folder.path, `dashboard-${index}.ts`);
    writeFileSync(
      file,
      `import type { GrafanaDashboard } from ${JSON.stringify(types)};\n` +
        `export const dashboard: GrafanaDashboard = ${dashboard};\n`,
    );
    return file;
  });
  const messages = compilerMessages(files);
  return files.map((file) => messages.filter((message) => message.file === file).map(({ text }) => text));
}

/** Dashboards that Grafana does not understand, and what is said of each. */
const WRONG: readonly (readonly [from: string, to: string, says: string])[] = [
  ['"schemaVersion":39', '"schema":39', `'"schema"' does not exist`],
  ['"graphTooltip":1', '"graphTooltip":7', "Type '7' is not assignable"],
  ['"type":"datasource"', '"type":"data source"', `Type '"data source"' is not assignable`],
  ['"gridPos":', '"gridPosition":', `'"gridPosition"' does not exist`],
  ['"colorMode":', '"colourMode":', `'"colourMode"' does not exist`],
  ['"mode":"absolute"', '"mode":"relative"', `Type '"relative"' is not assignable`],
  [
    '"thresholdsStyle":{"mode":"dashed"}',
    '"thresholdsStyle":{"mode":"dotted"}',
    `Type '"dotted"' is not assignable`,
  ],
  ['"calcs":[],', '', "'calcs' is missing"],
  ['"refId":"A",', '', "'refId' is missing"],
];

it('the dashboard is one of Grafana’s schema, which rejects others', async () => {
  const right = declaredDashboard();
  const [accepted, ...rejected] = await judge([
    right,
    ...WRONG.map(([from, to]) => changed(right, from, to)),
  ]);
  expect(accepted).toEqual([]);
  const judged = WRONG.map(([, to, says], index) => [to, rejected[index]?.join('\n').includes(says)]);
  expect(judged).toEqual(WRONG.map(([, to]) => [to, true]));
}, 60_000);
