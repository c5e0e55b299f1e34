import { access, constants } from 'node:fs/promises';
import path from 'node:path';

import { kubernetesFolder } from './build-kubernetes';
import type { Programs } from './programs';

/**
 * Finds programs of Kubernetes: in the folder that `KUBEBUILDER_ASSETS` names, as tests of Kubernetes controllers find them,
 * else on PATH, else where `npm run test:kubernetes` built them.
 *
 * @returns undefined if one of them is missing
 * @see https://book.kubebuilder.io/reference/envtest
 */
export async function findPrograms<Name extends string>(
  names: readonly Name[],
  env: NodeJS.ProcessEnv,
): Promise<Programs<Name> | undefined> {
  const folders = env.KUBEBUILDER_ASSETS
    ? [env.KUBEBUILDER_ASSETS]
    : [...(env.PATH ?? '').split(path.delimiter).filter(Boolean), await kubernetesFolder(env)];
  const found = await Promise.all(
    names.map(async (name) => [name, await findExecutable(name, folders)] as const),
  );
  return found.every(([, file]) => file !== undefined)
    ? (Object.fromEntries(found) as Programs<Name>)
    : undefined;
}

/** Finds a program in a list of folders. */
export async function findExecutable(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const file = path.resolve(folder, name);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // It may be in the next folder.
    }
  }
  return undefined;
}
