import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { CONFIGURATION_FILE, LIBRARY_FOLDER, MODEL_FILE } from '../../../lib/contract/image-layout';
import { writeTar } from '../../../lib/container/tar-writer';
import { buildImage } from '../../package/support/built-image';
import { runTool } from '../../package/support/run-tool';
import type { ImageConfiguration, LayerFile, OciImage } from './oci-archive';
import { digestOf } from './oci-archive';

const command = path.resolve(__dirname, '../../../dist/lib/cli/main.js');

/** A scoring image to build. */
export interface ScoringImageSource {
  /** `localhost/scoring:1` */
  readonly name: string;
  /** The model's service definition. */
  readonly zip: Uint8Array;
}

interface BaseLayer {
  readonly layer: LayerFile;
  readonly configuration: ImageConfiguration;
}

/** Files of a build context that change with the library or the model, with their paths in the image. */
const CONTEXT_PATHS: Readonly<Record<string, string>> = {
  dist: `${LIBRARY_FOLDER}/dist`,
  proto: `${LIBRARY_FOLDER}/proto`,
  model: path.posix.dirname(MODEL_FILE),
  'configuration.json': CONFIGURATION_FILE,
};

/**
 * Builds scoring images with this checkout's server. The Dockerfile of `cdktf-brainwave image-context` runs with `chroot`; its
 * npm packages, which take long to install and rarely change, are a layer of their own that is kept in the cache.
 *
 * @param everyEngine a service definition that needs all engines, for the packages of all images
 */
export async function buildScoringImages(
  sources: readonly ScoringImageSource[],
  everyEngine: Uint8Array,
  cache: string,
): Promise<OciImage[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-images-'));
  try {
    const context = await imageContext(everyEngine, folder);
    const { layer, configuration } = await baseLayer(context, cache);
    const files = await contextFiles(context);
    return sources.map(({ name, zip }) => ({
      name,
      layers: [layer, writeTar(new Map([...files, [MODEL_FILE.slice(1), zip]]))],
      configuration,
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function imageContext(zip: Uint8Array, folder: string): Promise<string> {
  await writeFile(path.join(folder, 'model.zip'), zip);
  const options = ['--model', 'model.zip', '--name', 'model', '--output', 'context'];
  await runTool(process.execPath, [command, 'image-context', ...options], { cwd: folder });
  return path.join(folder, 'context');
}

/** Files of the library and of the model, by their paths in the image without the first slash. */
async function contextFiles(context: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [source, target] of Object.entries(CONTEXT_PATHS)) {
    const root = path.join(context, source);
    for (const file of await filesOf(root)) {
      files.set(path.posix.join(target, path.relative(root, file)).slice(1), await readFile(file));
    }
  }
  return files;
}

async function filesOf(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => undefined);
  return (
    entries?.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)) ?? [
      root,
    ]
  );
}

/** Everything else in the image: the base image and the npm packages. */
async function baseLayer(context: string, cache: string): Promise<BaseLayer> {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}`);
  for (const file of ['Dockerfile', 'package.json']) {
    hash.update(await readFile(path.join(context, file)));
  }
  const folder = path.join(cache, `image-${hash.digest('hex').slice(0, 12)}`);
  if (!existsSync(folder)) {
    await buildBaseLayer(context, folder);
  }
  return JSON.parse(await readFile(path.join(folder, 'layer.json'), 'utf8')) as BaseLayer;
}

async function buildBaseLayer(context: string, folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  const unfinished = await mkdtemp(`${folder}-`);
  const { image, remove } = await buildImage(context);
  try {
    const file = path.join(unfinished, 'layer.tar');
    const excluded = Object.values(CONTEXT_PATHS).map((target) => `--exclude=.${target}`);
    const owner = ['--owner=0', '--group=0', '--numeric-owner'];
    await runTool('tar', ['-cf', file, '-C', image.root, '--sort=name', ...owner, ...excluded, '.'], {
      cwd: '/',
    });
    const base: BaseLayer = {
      layer: { file: path.join(folder, 'layer.tar'), digest: await digestOf(file) },
      configuration: {
        Entrypoint: image.entrypoint,
        Cmd: image.command,
        User: image.user,
        Env: Object.entries(image.env).map(([name, value]) => `${name}=${value}`),
        WorkingDir: image.workingDirectory,
      },
    };
    await writeFile(path.join(unfinished, 'layer.json'), JSON.stringify(base));
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    remove();
  }
}
