import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { TerraformStack } from 'cdktf';

import {
  AksCompute,
  AzapiProvider,
  BrainwaveModel,
  BrainwaveWebservice,
  LocalWorkspace,
  RegisteredModel,
  ScoringCluster,
  ServiceDefinition,
  SoftwareModel,
  Stage,
  type AksComputeProps,
  type BrainwaveWebserviceProps,
  type IScoringCluster,
  type ScoringClusterProps,
} from '../../../constructs';
import type { IScoringImage } from '../../../constructs/image/scoring-image-reference';
import { onnxModel } from '../../server/pipeline/support/onnx-model';
import type { TestProject } from './test-project';

export const REGISTRY_ID =
  '/subscriptions/s/resourceGroups/scoring/providers/Microsoft.ContainerRegistry/registries/scoring';

/** An image that exists. */
export const image: IScoringImage = {
  imageUri: 'scoring.azurecr.io/pets:1234',
  containerRegistryId: REGISTRY_ID,
  dependables: [],
};

export interface DefinitionOptions {
  readonly version?: string;
  readonly modelRef?: string;
  /** @default true */
  readonly software?: boolean;
  readonly features?: number;
}

/** Images, features on the accelerator, classes: it is declared and never runs. */
export function acceleratedDefinition(
  project: TestProject,
  { version = '1', modelRef = 'pets', software = true, features = 8 }: DefinitionOptions = {},
): ServiceDefinition {
  const model = (name: string, input: (number | string)[], output: (number | string)[]) =>
    project.write(
      name,
      onnxModel({
        op: 'Identity',
        inputs: [{ name: 'x', shape: input }],
        outputs: [{ name: 'y', shape: output }],
      }),
    );
  const featurizer = model('featurizer.onnx', ['n', 224, 224, 3], ['n', 1, 1, features]);
  const classifier = model('classifier.onnx', ['n', 1, 1, features], ['n', 3]);
  return new ServiceDefinition({
    stages: [
      Stage.image(),
      Stage.brainwave({
        model: BrainwaveModel.custom(modelRef, {
          inputSize: [224, 224, 3],
          outputTensorDims: [1, 1, 1, features],
        }),
        modelVersion: version,
        ...(software && {
          software: SoftwareModel.onnx({ path: featurizer, inputTensor: 'x', outputTensor: 'y' }),
        }),
      }),
      Stage.onnx({ name: 'classifier', path: classifier, inputTensor: 'x', outputTensor: 'y' }),
    ],
  });
}

export function azureStack(project: TestProject, name = 'Scoring', app = project.app()): TerraformStack {
  const stack = project.stack(name, app);
  new AzurermProvider(stack, 'azurerm', { features: [{}] });
  new AzapiProvider(stack, 'azapi');
  return stack;
}

export function declareCluster(
  stack: TerraformStack,
  props: Partial<ScoringClusterProps> = {},
): ScoringCluster {
  return new ScoringCluster(stack, 'Cluster', {
    resourceGroupName: 'scoring',
    location: 'westeurope',
    ...props,
  });
}

export interface ServiceVariation {
  readonly cluster?: IScoringCluster;
  readonly compute?: Partial<AksComputeProps>;
  readonly service?: Partial<BrainwaveWebserviceProps>;
  readonly definition?: ServiceDefinition;
  readonly id?: string;
}

/** A web service on AKS whose image exists. */
export function declareService(
  project: TestProject,
  stack: TerraformStack,
  variation: ServiceVariation = {},
): BrainwaveWebservice {
  const { cluster = declareCluster(stack), compute, service, definition, id = 'Service' } = variation;
  const model = new RegisteredModel(stack, `${id}Model`, {
    workspace: new LocalWorkspace(stack, `${id}Workspace`),
    name: `pets-${id.toLowerCase()}`,
    serviceDefinition: definition ?? acceleratedDefinition(project),
  });
  return new BrainwaveWebservice(stack, id, {
    model,
    compute: new AksCompute({ cluster, image, ...compute }),
    ...service,
  });
}
