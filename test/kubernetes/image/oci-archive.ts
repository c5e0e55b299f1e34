import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { constants, copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { runTool } from '../../package/support/run-tool';

/** How a container starts, as an image says. */
export interface ImageConfiguration {
  readonly Entrypoint: readonly string[];
  readonly Cmd?: readonly string[];
  /** `<user id>:<group id>` */
  readonly User: string;
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
}

export interface OciImage {
  /** `localhost/scoring:1` */
  readonly name: string;
  /** Tar archives, not compressed; a later one adds to the earlier ones. */
  readonly layers: readonly (LayerFile | Uint8Array)[];
  readonly configuration: ImageConfiguration;
}

/** A layer in a file. */
export interface LayerFile {
  readonly file: string;
  /** `sha256:…` */
  readonly digest: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Writes images to an archive that `ctr images import` reads. Layers that images share are in it once.
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export async function writeArchive(images: readonly OciImage[], file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const folder = await mkdtemp(`${file}-`);
  try {
    const layout = new Layout(path.join(folder, 'blobs/sha256'));
    await mkdir(layout.folder, { recursive: true });
    const manifests = [];
    for (const image of images) {
      manifests.push({
        ...(await layout.addImage(image)),
        annotations: { 'io.containerd.image.name': image.name },
      });
    }
    await writeFile(path.join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    await writeFile(path.join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    await runTool('tar', ['-cf', file, '-C', folder, '.'], { cwd: '/' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class Layout {
  constructor(readonly folder: string) {}

  async addImage({ layers, configuration }: OciImage): Promise<Descriptor> {
    const added = [];
    for (const layer of layers) {
      const mediaType = 'application/vnd.oci.image.layer.v1.tar';
      added.push(
        layer instanceof Uint8Array ? await this.add(mediaType, layer) : await this.addFile(mediaType, layer),
      );
    }
    const config = await this.addJson('application/vnd.oci.image.config.v1+json', {
      architecture: ARCHITECTURES[process.arch],
      os: 'linux',
      config: configuration,
      rootfs: { type: 'layers', diff_ids: added.map(({ digest }) => digest) },
    });
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    return this.addJson(mediaType, { schemaVersion: 2, mediaType, config, layers: added });
  }

  private addJson(mediaType: string, content: object): Promise<Descriptor> {
    return this.add(mediaType, Buffer.from(JSON.stringify(content)));
  }

  private async add(mediaType: string, content: Uint8Array): Promise<Descriptor> {
    const digest = createHash('sha256').update(content).digest('hex');
    await writeFile(path.join(this.folder, digest), content);
    return { mediaType, digest: `sha256:${digest}`, size: content.length };
  }

  private async addFile(mediaType: string, { file, digest }: LayerFile): Promise<Descriptor> {
    await copyFile(file, path.join(this.folder, digest.replace('sha256:', '')), constants.COPYFILE_FICLONE);
    return { mediaType, digest, size: (await stat(file)).size };
  }
}

/** A layer's digest. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk as Buffer);
  }
  return `sha256:${hash.digest('hex')}`;
}
