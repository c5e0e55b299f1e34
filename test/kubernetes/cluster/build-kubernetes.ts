import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

import { runTool } from '../../package/support/run-tool';
import { CLUSTER_PROGRAMS, type ClusterPrograms } from './programs';

const VERSION = '1.34.4';
const sources = path.resolve(__dirname, '../programs');

/** Where test runs keep what takes long to make. It can be deleted at any time. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return path.join(env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'cdktf-brainwave/test-kubernetes');
}

/** The folder of the programs of Kubernetes: its name changes with what they are built from. */
export async function kubernetesFolder(env: NodeJS.ProcessEnv): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'kubernetes/main.go', 'pause/main.go']) {
    hash.update(await readFile(path.join(sources, file)));
  }
  return path.join(cacheFolder(env), `kubernetes-${VERSION}-${hash.digest('hex').slice(0, 12)}`);
}

/** The programs of Kubernetes, if they are built. */
export async function builtPrograms(env: NodeJS.ProcessEnv): Promise<ClusterPrograms | undefined> {
  const folder = await kubernetesFolder(env);
  return existsSync(folder) ? programsIn(folder) : undefined;
}

/**
 * Builds Kubernetes and etcd from their Go modules. All of their programs are one executable, which is linked once, and
 * symbolic links to it. The `pause` program, which is alone in its image, is separate.
 */
export async function buildPrograms(env: NodeJS.ProcessEnv): Promise<ClusterPrograms> {
  const folder = await kubernetesFolder(env);
  await mkdir(path.dirname(folder), { recursive: true });
  // An interrupted build leaves nothing that looks complete.
  const unfinished = await mkdtemp(`${folder}-`);
  const [major, minor] = VERSION.split('.');
  const version = Object.entries({ gitVersion: `v${VERSION}`, gitMajor: major, gitMinor: minor })
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ');
  const build = (name: string, flags: string) => {
    const options = ['-trimpath', '-buildvcs=false', `-ldflags=${flags}`, '-o', path.join(unfinished, name)];
    return runTool('go', ['build', ...options, `./${name}`], { cwd: sources, env: { CGO_ENABLED: '0' } });
  };
  try {
    await build('kubernetes', `-s -w ${version}`);
    await build('pause', '-s -w');
    for (const program of CLUSTER_PROGRAMS.filter((name) => name !== 'pause')) {
      await symlink('kubernetes', path.join(unfinished, program));
    }
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  return programsIn(folder);
}

function programsIn(folder: string): ClusterPrograms {
  const entries = CLUSTER_PROGRAMS.map((name) => [name, path.join(folder, name)]);
  return Object.fromEntries(entries) as ClusterPrograms;
}
