import type { TerraformStack } from 'cdktf';

import {
  BrainwaveWebservice,
  FpgaCompute,
  RegisteredModel,
  Workspace,
  type BrainwaveWebserviceProps,
  type FpgaComputeProps,
  type IWorkspace,
  type ServiceDefinition,
} from '../../../constructs';
import { acceleratedDefinition, image } from './aks';
import type { TerraformJson } from './terraform-json';
import type { TestProject } from './test-project';

const SCORING = '/subscriptions/s/resourceGroups/scoring/providers';
export const VAULT_ID = `${SCORING}/Microsoft.KeyVault/vaults/scoring`;
export const SSH_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILx0 me@example.com';
export const ACCELERATOR = 'scoring.azurecr.io/accelerator:1';

/** A workspace that exists, in a region with FPGAs. */
export function existingWorkspace(stack: TerraformStack, location = 'westeurope'): IWorkspace {
  return Workspace.fromWorkspaceAttributes(stack, 'Workspace', {
    workspaceId: `${SCORING}/Microsoft.MachineLearningServices/workspaces/scoring`,
    location,
    storageAccountId: `${SCORING}/Microsoft.Storage/storageAccounts/scoring`,
    keyVaultId: VAULT_ID,
    containerRegistryId: `${SCORING}/Microsoft.ContainerRegistry/registries/scoring`,
  });
}

export interface FpgaVariation {
  readonly workspace?: IWorkspace;
  readonly compute?: Partial<FpgaComputeProps>;
  readonly service?: Partial<BrainwaveWebserviceProps>;
  readonly definition?: ServiceDefinition;
}

/** A web service on FPGA machines whose scoring image exists. */
export function declareFpgaService(
  project: TestProject,
  stack: TerraformStack,
  { workspace = existingWorkspace(stack), compute, service, definition }: FpgaVariation = {},
): BrainwaveWebservice {
  const model = new RegisteredModel(stack, 'Model', {
    workspace,
    name: 'pets',
    serviceDefinition: definition ?? acceleratedDefinition(project),
  });
  return new BrainwaveWebservice(stack, 'Service', {
    model,
    compute: new FpgaCompute({
      accelerator: { image: ACCELERATOR },
      sshPublicKey: SSH_KEY,
      image,
      ...compute,
    }),
    ...service,
  });
}

/** What the machines are told to run, with Terraform's references in place of their values. */
export function machineConfiguration(json: TerraformJson): unknown {
  const locals = (JSON.parse(json.json) as { locals: Record<string, string> }).locals;
  const [text] = Object.entries(locals).filter(([name]) => name.startsWith('Service_Fpga_Configuration'));
  return JSON.parse(text[1].replaceAll(/\$\{jsonencode\(([a-z0-9_.]+)\)\}/gi, '"<$1>"'));
}

/** A reference without the digits that CDKTF appends to names. */
export function withoutDigits(text: string): string {
  return text.replaceAll(/_[0-9A-F]{8}(?=\b)/g, '');
}
