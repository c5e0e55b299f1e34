import type { TerraformStack } from 'cdktf';

import {
  BrainwaveWebservice,
  KubernetesAccess,
  KubernetesCluster,
  KubernetesCompute,
  LocalWorkspace,
  RegisteredModel,
  type BrainwaveWebserviceProps,
  type IKubernetesCluster,
  type KubernetesClusterProps,
  type KubernetesComputeProps,
  type ServiceDefinition,
} from '../../../constructs';
import type { IScoringImage } from '../../../constructs/image/scoring-image-reference';
import { acceleratedDefinition } from './aks';
import type { TestProject } from './test-project';

/** An image that any node can pull. */
export const publicImage: IScoringImage = { imageUri: 'registry.example.com/pets:1', dependables: [] };

export function declareKubernetesCluster(
  stack: TerraformStack,
  props: Partial<KubernetesClusterProps> = {},
): KubernetesCluster {
  return new KubernetesCluster(stack, 'Cluster', { access: KubernetesAccess.kubeconfig(), ...props });
}

export interface KubernetesVariation {
  readonly cluster?: IKubernetesCluster;
  readonly compute?: Partial<KubernetesComputeProps>;
  readonly service?: Partial<BrainwaveWebserviceProps>;
  readonly definition?: ServiceDefinition;
  readonly id?: string;
}

/** A web service on Kubernetes whose image exists. */
export function declareKubernetesService(
  project: TestProject,
  stack: TerraformStack,
  { cluster, compute, service, definition, id = 'Service' }: KubernetesVariation = {},
): BrainwaveWebservice {
  const model = new RegisteredModel(stack, `${id}Model`, {
    workspace: new LocalWorkspace(stack, `${id}Workspace`),
    name: `pets-${id.toLowerCase()}`,
    serviceDefinition: definition ?? acceleratedDefinition(project),
  });
  return new BrainwaveWebservice(stack, id, {
    model,
    compute: new KubernetesCompute({
      cluster: cluster ?? declareKubernetesCluster(stack),
      image: publicImage,
      ...compute,
    }),
    ...service,
  });
}
