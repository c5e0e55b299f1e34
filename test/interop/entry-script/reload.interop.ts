import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterwards } from '../../support/cleanup';
import { until } from '../../support/until';
import { endpointProject } from './endpoint-project';

/** Answers with its text, and says which process it runs in. */
const answering = (text: string) => `
import os

def init():
    print("worker of ${text}:", os.getpid())

def run(raw_data):
    return "${text}"
`;

it('accepts a new script even if it cannot report it, continues to serve and ends the previous script', async () => {
  const project = await endpointProject();
  await project.up({ code: await project.script(answering('first')) });
  const { pid, scoringUri = '', keyFile, logFile } = await project.endpoint.status();
  const folder = path.dirname(keyFile!);
  const configurationFile = path.join(folder, 'configuration.json');
  const configuration = JSON.parse(readFileSync(configurationFile, 'utf8')) as object;
  const log = () => readFileSync(logFile, 'utf8');
  const reload = (changes: object) => {
    writeFileSync(configurationFile, JSON.stringify({ ...configuration, ...changes }));
    process.kill(pid!, 'SIGHUP');
  };
  const answer = async () => (await project.postTo(scoringUri, '{}')).text;
  afterwards(async () => {
    process.kill(pid!, 'SIGTERM');
    await until(() => !existsSync(`/proc/${pid}`));
  });
  // No file takes the place of a folder that is not empty.
  rmSync(path.join(folder, 'state.json'));
  mkdirSync(path.join(folder, 'state.json/full'), { recursive: true });

  reload({ codeFolder: await project.script(answering('second')), contentHash: '2' });
  await until(async () => (await answer()) === '"second"');

  await until(() => log().includes('the state file cannot be written'));
  expect(log()).not.toContain('the new configuration is invalid');
  const worker = Number(/worker of first: (\d+)/.exec(log())?.[1]);
  await until(() => !existsSync(`/proc/${worker}`));

  reload({ entryScript: 'nowhere.py', contentHash: '3' });
  await until(() => log().includes('the new configuration is invalid'));
  expect(await answer()).toBe('"second"');

  reload({ codeFolder: await project.script(answering('third')), contentHash: '4' });
  await until(async () => (await answer()) === '"third"');
});
