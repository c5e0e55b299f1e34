import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { TerraformStack } from 'cdktf';
import { Accelerator, AzapiProvider, ScoringCluster, Workspace, type IScoringCluster } from 'cdktf-brainwave';
import type { Construct } from 'constructs';

import { declareProviders } from './azure-providers';
import { keepState } from './settings';

/** Resources that rarely change: the workspace and a cluster per region. */
export class PlatformStack extends TerraformStack {
  readonly workspace: Workspace;
  readonly europe: IScoringCluster;
  readonly america: IScoringCluster;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    keepState(this);
    const { america: provider } = declareProviders(this);
    new AzapiProvider(this, 'azapi');
    // CPUs to start with. To use GPUs, change only this line: Accelerator.gpu('Standard_NC4as_T4_v3').
    const accelerator = Accelerator.cpu();

    this.workspace = new Workspace(this, 'Workspace', { location: 'westeurope' });
    this.europe = new ScoringCluster(this, 'Europe', { workspace: this.workspace, accelerator });

    const location = 'eastus';
    const group = new ResourceGroup(this, 'AmericaGroup', { name: 'scoring-america', location, provider });
    this.america = new ScoringCluster(this, 'America', {
      // The workspace's registry contains the image for both clusters.
      workspace: this.workspace,
      resourceGroupName: group.name,
      location,
      accelerator,
      provider,
    });
  }
}
