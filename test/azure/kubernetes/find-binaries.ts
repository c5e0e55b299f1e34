import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/** The programs that an API server needs. */
export interface KubernetesBinaries {
  readonly etcd: string;
  readonly apiServer: string;
}

/**
 * Finds `etcd` and `kube-apiserver` in the folder that `KUBEBUILDER_ASSETS` names, as tests of Kubernetes controllers find
 * them, or on PATH.
 *
 * @see https://book.kubebuilder.io/reference/envtest
 */
export async function findKubernetesBinaries(
  env: NodeJS.ProcessEnv,
): Promise<KubernetesBinaries | undefined> {
  const folders = env.KUBEBUILDER_ASSETS
    ? [env.KUBEBUILDER_ASSETS]
    : (env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const [etcd, apiServer] = await Promise.all(
    ['etcd', 'kube-apiserver'].map((name) => findExecutable(name, folders)),
  );
  return etcd === undefined || apiServer === undefined ? undefined : { etcd, apiServer };
}

async function findExecutable(name: string, folders: readonly string[]): Promise<string | undefined> {
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
