import { ContainerApp } from '@cdktf/provider-azurerm/lib/container-app';
import { ContainerAppEnvironment } from '@cdktf/provider-azurerm/lib/container-app-environment';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { Subnet } from '@cdktf/provider-azurerm/lib/subnet';
import { VirtualNetwork } from '@cdktf/provider-azurerm/lib/virtual-network';
import { Fn, TerraformStack, Token } from 'cdktf';
import type { BrainwaveWebservice } from 'cdktf-brainwave';
import type { Construct } from 'constructs';

import type { ServicesStack } from './services-stack';
import { keepState, settings } from './settings';

/** An application: its network and a container that calls both services. It uses no constructs of this library. */
export class ApplicationStack extends TerraformStack {
  constructor(scope: Construct, id: string, services: ServicesStack) {
    super(scope, id);
    keepState(this);
    new AzurermProvider(this, 'azurerm', {
      features: [{}],
      // The subscription must be registered for Container Apps, which azurerm does not do by default.
      resourceProvidersToRegister: ['Microsoft.App'],
    });
    const { name: resourceGroupName, location } = new ResourceGroup(this, 'Group', {
      name: 'cat-sorter',
      location: 'westeurope',
    });
    const network = new VirtualNetwork(this, 'Network', {
      name: 'cat-sorter',
      resourceGroupName,
      location,
      addressSpace: ['10.40.0.0/16'],
    });
    const subnet = new Subnet(this, 'Subnet', {
      name: 'containers',
      resourceGroupName,
      virtualNetworkName: network.name,
      addressPrefixes: ['10.40.0.0/23'],
      delegation: [
        {
          name: 'containers',
          serviceDelegation: {
            name: 'Microsoft.App/environments',
            actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
          },
        },
      ],
    });
    const environment = new ContainerAppEnvironment(this, 'Environment', {
      name: 'cat-sorter',
      resourceGroupName,
      location,
      infrastructureSubnetId: subnet.id,
      // If this name is not set, Azure chooses one, and azurerm then plans to replace the environment.
      // See https://github.com/hashicorp/terraform-provider-azurerm/issues/28727.
      infrastructureResourceGroupName: 'cat-sorter-infrastructure',
      workloadProfile: [{ name: 'Consumption', workloadProfileType: 'Consumption' }],
    });
    const { europe, america } = services;
    const keys = Fn.join('\n', [europe.primaryKey, america.primaryKey]);
    new ContainerApp(this, 'App', {
      name: 'cat-sorter',
      resourceGroupName,
      containerAppEnvironmentId: environment.id,
      revisionMode: 'Single',
      workloadProfileName: 'Consumption',
      // Read from the state of the other stack: the JSON does not contain the keys, and no plan shows them.
      secret: [
        { name: 'europe-key', value: europe.primaryKey },
        { name: 'america-key', value: america.primaryKey },
      ],
      template: {
        minReplicas: 1,
        container: [
          {
            name: 'cat-sorter',
            image: settings.applicationImage,
            cpu: 0.25,
            memory: '0.5Gi',
            env: [
              ...callsTo('EUROPE', europe),
              ...callsTo('AMERICA', america),
              // A changed secret alone does not restart the containers.
              { name: 'SCORING_KEYS_DIGEST', value: Token.asString(Fn.sha256(keys)) },
            ],
          },
        ],
      },
    });
  }
}

function callsTo(region: string, { hostname = '', port }: BrainwaveWebservice) {
  return [
    { name: `SCORING_${region}_ADDRESS`, value: `${hostname}:${port}` },
    { name: `SCORING_${region}_KEY`, secretName: `${region.toLowerCase()}-key` },
  ];
}
