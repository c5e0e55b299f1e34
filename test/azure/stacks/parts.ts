import path from 'node:path';

import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { LocalBackend, TerraformStack, TerraformVariable, type App } from 'cdktf';
import {
  AzapiProvider,
  BrainwaveModel,
  RegisteredModel,
  ServiceDefinition,
  SoftwareModel,
  SslSettings,
  Stage,
  type IWorkspace,
} from 'cdktf-brainwave';

const quickstart = path.join(__dirname, '../quickstart');
const models = path.join(quickstart, 'models');

/** What every smoke test scores. */
export const image = path.join(quickstart, 'images/chelsea.png');

/** A stack with a state and the providers of one subscription. */
export class VariantStack extends TerraformStack {
  constructor(app: App, id: string, resourceProvidersToRegister: string[] = []) {
    super(app, id);
    new LocalBackend(this, { path: `../../../terraform.${id}.tfstate` });
    new AzurermProvider(this, 'azurerm', {
      features: [FEATURES],
      storageUseAzuread: true,
      resourceProvidersToRegister,
    });
    new AzapiProvider(this, 'azapi');
  }
}

/** What a stack with a Workspace needs to be destroyed. */
export const FEATURES = { resourceGroup: [{ preventDeletionIfContainsResources: false }] };

/** The model of the quickstart. */
export function registerModel(
  stack: TerraformStack,
  workspace: IWorkspace,
  { id = 'Model', version }: { readonly id?: string; readonly version?: string } = {},
): RegisteredModel {
  return new RegisteredModel(stack, id, {
    workspace,
    name: 'efficientnet-lite0',
    version,
    serviceDefinition: new ServiceDefinition({
      stages: [
        Stage.image({ resize: 256, crop: 224 }),
        Stage.brainwave({
          model: BrainwaveModel.custom('efficientnet-lite0', {
            inputSize: [224, 224, 3],
            outputTensorDims: [1, 1, 1, 1280],
          }),
          software: SoftwareModel.onnx({
            path: path.join(models, 'efficientnet-lite0/featurizer.onnx'),
            inputTensor: 'image',
            outputTensor: 'features',
          }),
        }),
        Stage.tensorflow({
          name: 'classifier',
          path: path.join(models, 'efficientnet-lite0/classifier.pb'),
          inputTensor: 'features:0',
          outputTensor: 'probabilities:0',
        }),
      ],
      labels: path.join(models, 'imagenet-labels.txt'),
    }),
  });
}

/** A certificate from variables. */
export function certificate(stack: TerraformStack, hostname: string): SslSettings {
  return SslSettings.fromVariables({
    certificate: secret(stack, 'certificate'),
    privateKey: secret(stack, 'private_key'),
    hostname,
  });
}

/** A sensitive variable. */
export function secret(stack: TerraformStack, name: string): TerraformVariable {
  return new TerraformVariable(stack, name, { type: 'string', sensitive: true, nullable: false });
}
