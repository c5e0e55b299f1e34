import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

/** Resources by name. */
const autoscalers = z.record(
  z.string(),
  z.looseObject({ spec: z.looseObject({ metric: z.array(z.looseObject({ type: z.string() })) }) }),
);
const stackSchema = z.looseObject({
  provider: z
    .looseObject({
      kubernetes: z
        .array(z.looseObject({ config_path: z.string().optional(), config_context: z.string().optional() }))
        .default([]),
    })
    .default({ kubernetes: [] }),
  resource: z
    .looseObject({ kubernetes_horizontal_pod_autoscaler_v2: autoscalers.default({}) })
    .default({ kubernetes_horizontal_pod_autoscaler_v2: {} }),
});

/** Kubeconfig that a synthesized stack uses. */
export interface StackCluster {
  readonly file: string;
  readonly context?: string | undefined;
  /** Types of the metrics that the stack's autoscalers follow: `Resource`, `Pods`. */
  readonly metrics: readonly string[];
}

/** What a synthesized stack declares on Kubernetes. */
export interface KubernetesStack {
  /** Clusters that the stack reaches with a kubeconfig. */
  readonly clusters: readonly StackCluster[];
}

/** Returns the synthesized stacks of a project that declare something on Kubernetes. */
export async function kubernetesStacks(projectFolder: string): Promise<readonly KubernetesStack[]> {
  const stacks = path.join(projectFolder, 'cdktf.out/stacks');
  const names = await readdir(stacks).catch((): string[] => []);
  const read = await Promise.all(names.map((name) => readStack(path.join(stacks, name))));
  return read.flat();
}

/** Files that other tools wrote are no stacks. */
async function readStack(folder: string): Promise<KubernetesStack[]> {
  const json = await readFile(path.join(folder, 'cdk.tf.json'), 'utf8').catch(() => '{}');
  const stack = stackSchema.safeParse(parsed(json)).data;
  const providers = stack?.provider.kubernetes ?? [];
  const hpas = Object.values(stack?.resource.kubernetes_horizontal_pod_autoscaler_v2 ?? {});
  const metrics = hpas.flatMap(({ spec }) => spec.metric.map(({ type }) => type));
  const clusters = providers.flatMap(({ config_path: file, config_context: context }) =>
    file === undefined
      ? []
      : [{ file: file.startsWith('~') ? file : path.resolve(folder, file), context, metrics }],
  );
  return providers.length > 0 ? [{ clusters }] : [];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
