import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { makeBaseImage } from './base-image';
import { parseDockerfile, type DockerfileStage, type Instruction } from './dockerfile';
import { tryTool } from './run-tool';

/** What an instruction added to an image. */
export interface Layer {
  readonly instruction: string;
  readonly bytes: number;
}

/** An image as a container starts from it. */
export class BuiltImage {
  readonly layers: Layer[] = [];
  workingDirectory = '/';
  user = '0:0';
  entrypoint: readonly string[] = [];
  command: readonly string[] = [];
  healthCheck: readonly string[] = [];
  readonly exposed: number[] = [];
  readonly env: Record<string, string> = { PATH: '/usr/bin:/bin' };

  constructor(readonly root: string) {}

  /** A path in the image, as a path of this machine. */
  path(inside: string): string {
    return path.join(this.root, path.posix.resolve(this.workingDirectory, inside));
  }

  /** What runs a command in the image: as this user, with this environment, and with nothing of the machine's. */
  invocation(command: readonly string[], user = this.user): [string, string[]] {
    const environment = Object.entries(this.env).map(([name, value]) => `${name}=${value}`);
    return [
      'chroot',
      [
        `--userspec=${user}`,
        this.root,
        '/usr/bin/env',
        '-i',
        `--chdir=${this.workingDirectory}`,
        ...environment,
        ...command,
      ],
    ];
  }
}

/**
 * Builds an image without a container engine: its Dockerfile's instructions, executed one after the other in a folder
 * that is their root. An instruction that is not known here fails.
 * @param context the build context's folder
 */
export async function buildImage(context: string): Promise<{ image: BuiltImage; remove: () => void }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdktf-brainwave-image-'));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const images = new Map<string, BuiltImage>();
    const stages = parseDockerfile(readFileSync(path.join(context, 'Dockerfile'), 'utf8'));
    let image: BuiltImage | undefined;
    for (const [index, stage] of stages.entries()) {
      image = await buildStage(stage, context, path.join(folder, String(index)), images);
      images.set(stage.name ?? String(index), image);
    }
    return { image: image!, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function buildStage(
  stage: DockerfileStage,
  context: string,
  root: string,
  images: ReadonlyMap<string, BuiltImage>,
): Promise<BuiltImage> {
  makeBaseImage(root);
  const image = new BuiltImage(root);
  for (const instruction of stage.instructions) {
    const before = size(root);
    await execute(instruction, image, context, images);
    image.layers.push({
      instruction: `${instruction.name} ${instruction.argument}`,
      bytes: size(root) - before,
    });
  }
  return image;
}

async function execute(
  { name, argument }: Instruction,
  image: BuiltImage,
  context: string,
  images: ReadonlyMap<string, BuiltImage>,
): Promise<void> {
  switch (name) {
    case 'WORKDIR':
      mkdirSync(image.path(argument), { recursive: true });
      image.workingDirectory = path.posix.resolve(image.workingDirectory, argument);
      break;
    case 'COPY':
      copyInto(image, argument, context, images);
      break;
    case 'RUN':
      await run(image, argument);
      break;
    case 'ENV':
      for (const [, variable, value] of argument.matchAll(/(\w+)=(\S*)/g)) {
        image.env[variable] = value;
      }
      break;
    case 'USER':
      image.user = argument;
      break;
    case 'EXPOSE':
      image.exposed.push(...argument.split(' ').map(Number));
      break;
    case 'HEALTHCHECK':
      image.healthCheck = execForm(/\bCMD (.*)$/.exec(argument)![1]);
      break;
    case 'ENTRYPOINT':
      image.entrypoint = execForm(argument);
      break;
    case 'CMD':
      image.command = execForm(argument);
      break;
    default:
      throw new Error(`the instruction ${name} is not known here`);
  }
}

async function run(image: BuiltImage, script: string): Promise<void> {
  // As a builder hands over how to reach the network, and for this command only.
  const { NODE_EXTRA_CA_CERTS, HTTPS_PROXY, npm_config_registry } = process.env;
  const network = Object.entries({ HOME: '/root', NODE_EXTRA_CA_CERTS, HTTPS_PROXY, npm_config_registry })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value ?? ''}`);
  const [command, args] = image.invocation(['/usr/bin/env', ...network, '/bin/sh', '-c', script]);
  const { exitCode, stdout, stderr } = await tryTool(command, args, { cwd: '/' });
  if (exitCode !== 0) {
    throw new Error(`RUN ${script} ended with ${exitCode ?? 'a signal'}:\n${stdout}${stderr}`);
  }
}

/** As a builder copies: what a folder holds, not the folder; owned by root; below a name that ends with a slash. */
function copyInto(
  image: BuiltImage,
  argument: string,
  context: string,
  images: ReadonlyMap<string, BuiltImage>,
): void {
  const [source, target] = argument.split(' ').slice(-2);
  const stage = /^--from=(\S+) /.exec(argument);
  const origin = stage ? images.get(stage[1])!.path(source) : path.join(context, source);
  const isFolder = statSync(origin).isDirectory();
  const destination =
    isFolder || !target.endsWith('/') ? target : path.posix.join(target, path.basename(source));
  cpSync(origin, image.path(destination), { recursive: true, verbatimSymlinks: true });
  give(image.path(destination));
}

function give(entry: string): void {
  const stats = lstatSync(entry);
  if (!stats.isSymbolicLink()) {
    chownSync(entry, 0, 0);
    if (stats.isDirectory()) {
      chmodSync(entry, 0o755);
      readdirSync(entry).forEach((name) => {
        give(path.join(entry, name));
      });
    }
  }
}

/** A command as a JSON list. A shell would be process 1 and keep signals to itself. */
function execForm(text: string): string[] {
  return JSON.parse(text) as string[];
}

/** Bytes of all files below a folder. */
function size(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((total, entry) => total + lstatSync(path.join(entry.parentPath, entry.name)).size, 0);
}
