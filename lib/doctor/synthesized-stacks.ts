import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import * as z from 'zod';

import { STEP_VARIABLES } from '../contract/environment';
import { stepSchemas, type StepName, type StepSpecification } from '../contract/steps';

/** Resources by name. */
const autoscalers = z.record(
  z.string(),
  z.looseObject({ spec: z.looseObject({ metric: z.array(z.looseObject({ type: z.string() })) }) }),
);
const stepResource = z.looseObject({
  provisioner: z
    .array(
      z.looseObject({
        'local-exec': z.looseObject({ command: z.string(), environment: z.record(z.string(), z.string()) }),
      }),
    )
    // None, or provisioners of a stack's own that run no step.
    .catch([]),
});
const stackSchema = z.looseObject({
  provider: z
    .looseObject({
      kubernetes: z
        .array(z.looseObject({ config_path: z.string().optional(), config_context: z.string().optional() }))
        .default([]),
    })
    .default({ kubernetes: [] }),
  resource: z
    .looseObject({
      kubernetes_horizontal_pod_autoscaler_v2: autoscalers.default({}),
      terraform_data: z.record(z.string(), stepResource).default({}),
    })
    .default({ kubernetes_horizontal_pod_autoscaler_v2: {}, terraform_data: {} }),
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

/** Where a local service or endpoint of a synthesized stack listens. */
export type LocalListener = Pick<StepSpecification<'reserve-workload'>, 'address' | 'port' | 'portVariable'>;

/** Returns the synthesized stacks of a project that declare something on Kubernetes. */
export async function kubernetesStacks(projectFolder: string): Promise<readonly KubernetesStack[]> {
  return (await readStacks(projectFolder)).flatMap(kubernetesOf);
}

/** Returns where the services and endpoints of a project's synthesized stacks listen on this machine. */
export async function localListeners(projectFolder: string): Promise<readonly LocalListener[]> {
  const schema = stepSchemas['reserve-workload'];
  return (await readStacks(projectFolder))
    .flatMap(({ stack }) => Object.values(stack.resource.terraform_data))
    .flatMap(({ provisioner }) => provisioner.map((each) => each['local-exec']))
    .filter(({ command }) => command === ('reserve-workload' satisfies StepName))
    .flatMap(
      ({ environment }) =>
        schema.safeParse(parsed(environment[STEP_VARIABLES.specification] ?? '')).data ?? [],
    );
}

interface ReadStack {
  readonly folder: string;
  readonly stack: z.output<typeof stackSchema>;
}

/** Files that other tools wrote are no stacks. */
async function readStacks(projectFolder: string): Promise<readonly ReadStack[]> {
  const stacks = path.join(projectFolder, 'cdktf.out/stacks');
  const names = await readdir(stacks).catch((): string[] => []);
  const read = await Promise.all(
    names.sort().map(async (name) => {
      const folder = path.join(stacks, name);
      const json = await readFile(path.join(folder, 'cdk.tf.json'), 'utf8').catch(() => '{}');
      const stack = stackSchema.safeParse(parsed(json)).data;
      return stack === undefined ? [] : [{ folder, stack }];
    }),
  );
  return read.flat();
}

function kubernetesOf({ folder, stack }: ReadStack): KubernetesStack[] {
  const providers = stack.provider.kubernetes;
  const hpas = Object.values(stack.resource.kubernetes_horizontal_pod_autoscaler_v2);
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
