import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Result } from '../../bench/report';
import type { RequestPart } from '../../bench/request-time';
import { drawBenchmarks } from './benchmarks';
import { drawRequestTime } from './request-time';

const resultsFile = path.resolve(__dirname, '../../bench/results.json');
const requestFile = path.resolve(__dirname, '../../bench/request-time.json');
const pictures = path.resolve(__dirname, '../../docs/pictures');

/** Renders the pictures, in their folder or in the one passed as argument: `docs/pictures/*.dot`, and the results of the bench. */
async function main(target = pictures): Promise<void> {
  const { instance } = await import('@viz-js/viz');
  const graphviz = await instance();
  await mkdir(target, { recursive: true });
  const sources = (await readdir(pictures)).filter((name) => name.endsWith('.dot'));
  for (const name of sources) {
    const source = await readFile(path.join(pictures, name), 'utf8');
    const svg = graphviz.renderString(source, { format: 'svg' });
    await writeFile(path.join(target, `${path.basename(name, '.dot')}.svg`), svg);
  }
  const results = JSON.parse(await readFile(resultsFile, 'utf8')) as Result[];
  await writeFile(path.join(target, 'benchmarks.svg'), drawBenchmarks(results));
  const parts = JSON.parse(await readFile(requestFile, 'utf8')) as RequestPart[];
  await writeFile(path.join(target, 'request-time.svg'), drawRequestTime(parts));
}

void main(...process.argv.slice(2));
