import type { TerraformStack } from 'cdktf';

import {
  AttachedKubernetesCluster,
  ModelFolder,
  OnlineDeployment,
  OnlineEndpoint,
  ScoringCode,
  ScoringEnvironment,
  SslSettings,
  Workspace,
  type IScoringEnvironment,
  type AttachedKubernetesClusterProps,
  type OnlineDeploymentProps,
  type OnlineEndpointProps,
} from '../../../constructs';
import type { TestProject } from './test-project';

export const SCRIPT = 'def init():\n    pass\n\n\ndef run(data):\n    return data\n';

/** A vault's certificate: nothing of it is read at synth. */
export const ssl = SslSettings.fromKeyVaultCertificate({
  keyVaultId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/certificates',
  certificateName: 'scoring',
  hostname: 'scoring.example.com',
});

export function declareCompute(
  stack: TerraformStack,
  props: Partial<AttachedKubernetesClusterProps> = {},
): AttachedKubernetesCluster {
  const workspace = props.workspace ?? new Workspace(stack, 'Workspace', { location: 'westeurope' });
  return new AttachedKubernetesCluster(stack, 'Compute', { ssl, ...props, workspace });
}

export function declareCode(project: TestProject, script = SCRIPT): ScoringCode {
  project.write('code/score.py', script);
  return new ScoringCode({ folder: 'code' });
}

export interface DeploymentVariation {
  readonly compute?: Partial<AttachedKubernetesClusterProps>;
  readonly endpoint?: Partial<OnlineEndpointProps>;
  readonly deployment?: Partial<OnlineDeploymentProps>;
}

export interface DeclaredDeployment {
  readonly compute: AttachedKubernetesCluster;
  readonly endpoint: OnlineEndpoint;
  readonly deployment: OnlineDeployment;
  readonly environment: ScoringEnvironment;
  readonly model: ModelFolder;
}

/** An endpoint with one deployment of a model, code and an environment. */
export function declareDeployment(
  project: TestProject,
  stack: TerraformStack,
  variation: DeploymentVariation = {},
): DeclaredDeployment {
  const compute = declareCompute(stack, variation.compute);
  const endpoint = new OnlineEndpoint(stack, 'Endpoint', { compute, ...variation.endpoint });
  project.write('model/digits.onnx', 'a model');
  const { workspace } = compute;
  const model = new ModelFolder(stack, 'Model', { workspace, name: 'digits', folder: 'model' });
  const environment = new ScoringEnvironment(stack, 'Environment', {
    workspace,
    pipPackages: ['onnxruntime'],
  });
  const deployment = new OnlineDeployment(stack, 'Blue', {
    endpoint,
    environment,
    model,
    code: declareCode(project),
    ...variation.deployment,
  });
  return { compute, endpoint, deployment, environment, model };
}

/** An environment of Azure ML's own. */
export function curatedEnvironment(stack: TerraformStack): IScoringEnvironment {
  const id = 'azureml://registries/azureml/environments/tensorflow/versions/7';
  return ScoringEnvironment.fromScoringEnvironmentId(stack, 'Curated', id);
}
