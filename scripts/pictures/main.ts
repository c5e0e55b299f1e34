import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const pictures = path.resolve(__dirname, '../../docs/pictures');

/** Renders the pictures: converts `docs/pictures/*.dot` to `*.svg`, in the same folder or in the folder passed as argument. */
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
}

void main(...process.argv.slice(2));
