import type * as applicationInsights from '@cdktf/provider-azurerm/lib/application-insights';
import type * as containerApp from '@cdktf/provider-azurerm/lib/container-app';
import type * as containerAppCustomDomain from '@cdktf/provider-azurerm/lib/container-app-custom-domain';
import type * as containerAppEnvironment from '@cdktf/provider-azurerm/lib/container-app-environment';
import type * as containerAppEnvironmentCertificate from '@cdktf/provider-azurerm/lib/container-app-environment-certificate';
import type * as containerRegistry from '@cdktf/provider-azurerm/lib/container-registry';
import type * as containerRegistryAgentPool from '@cdktf/provider-azurerm/lib/container-registry-agent-pool';
import type * as containerRegistryTask from '@cdktf/provider-azurerm/lib/container-registry-task';
import type * as containerRegistryTaskScheduleRunNow from '@cdktf/provider-azurerm/lib/container-registry-task-schedule-run-now';
import type * as dataAzurermClientConfig from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import type * as dataAzurermKeyVaultCertificate from '@cdktf/provider-azurerm/lib/data-azurerm-key-vault-certificate';
import type * as dataAzurermKeyVaultCertificateData from '@cdktf/provider-azurerm/lib/data-azurerm-key-vault-certificate-data';
import type * as dataAzurermKeyVaultSecret from '@cdktf/provider-azurerm/lib/data-azurerm-key-vault-secret';
import type * as dataAzurermKubernetesCluster from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import type * as dataAzurermPublicIp from '@cdktf/provider-azurerm/lib/data-azurerm-public-ip';
import type * as dataAzurermResourceGroup from '@cdktf/provider-azurerm/lib/data-azurerm-resource-group';
import type * as dnsARecord from '@cdktf/provider-azurerm/lib/dns-a-record';
import type * as dnsAaaaRecord from '@cdktf/provider-azurerm/lib/dns-aaaa-record';
import type * as dnsCaaRecord from '@cdktf/provider-azurerm/lib/dns-caa-record';
import type * as dnsCnameRecord from '@cdktf/provider-azurerm/lib/dns-cname-record';
import type * as dnsTxtRecord from '@cdktf/provider-azurerm/lib/dns-txt-record';
import type * as dnsZone from '@cdktf/provider-azurerm/lib/dns-zone';
import type * as keyVault from '@cdktf/provider-azurerm/lib/key-vault';
import type * as keyVaultCertificate from '@cdktf/provider-azurerm/lib/key-vault-certificate';
import type * as keyVaultSecret from '@cdktf/provider-azurerm/lib/key-vault-secret';
import type * as kubernetesCluster from '@cdktf/provider-azurerm/lib/kubernetes-cluster';
import type * as kubernetesClusterNodePool from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import type * as lb from '@cdktf/provider-azurerm/lib/lb';
import type * as lbBackendAddressPool from '@cdktf/provider-azurerm/lib/lb-backend-address-pool';
import type * as lbOutboundRule from '@cdktf/provider-azurerm/lib/lb-outbound-rule';
import type * as lbProbe from '@cdktf/provider-azurerm/lib/lb-probe';
import type * as lbRule from '@cdktf/provider-azurerm/lib/lb-rule';
import type * as linuxVirtualMachineScaleSet from '@cdktf/provider-azurerm/lib/linux-virtual-machine-scale-set';
import type * as logAnalyticsWorkspace from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import type * as machineLearningDatastoreBlobstorage from '@cdktf/provider-azurerm/lib/machine-learning-datastore-blobstorage';
import type * as marketplaceAgreement from '@cdktf/provider-azurerm/lib/marketplace-agreement';
import type * as monitorActionGroup from '@cdktf/provider-azurerm/lib/monitor-action-group';
import type * as monitorAlertPrometheusRuleGroup from '@cdktf/provider-azurerm/lib/monitor-alert-prometheus-rule-group';
import type * as monitorAutoscaleSetting from '@cdktf/provider-azurerm/lib/monitor-autoscale-setting';
import type * as monitorDataCollectionEndpoint from '@cdktf/provider-azurerm/lib/monitor-data-collection-endpoint';
import type * as monitorDataCollectionRule from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule';
import type * as monitorDataCollectionRuleAssociation from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule-association';
import type * as monitorDiagnosticSetting from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import type * as monitorMetricAlert from '@cdktf/provider-azurerm/lib/monitor-metric-alert';
import type * as monitorWorkspace from '@cdktf/provider-azurerm/lib/monitor-workspace';
import type * as natGateway from '@cdktf/provider-azurerm/lib/nat-gateway';
import type * as natGatewayPublicIpAssociation from '@cdktf/provider-azurerm/lib/nat-gateway-public-ip-association';
import type * as networkSecurityGroup from '@cdktf/provider-azurerm/lib/network-security-group';
import type * as networkSecurityRule from '@cdktf/provider-azurerm/lib/network-security-rule';
import type * as privateDnsARecord from '@cdktf/provider-azurerm/lib/private-dns-a-record';
import type * as privateDnsAaaaRecord from '@cdktf/provider-azurerm/lib/private-dns-aaaa-record';
import type * as privateDnsCnameRecord from '@cdktf/provider-azurerm/lib/private-dns-cname-record';
import type * as privateDnsZone from '@cdktf/provider-azurerm/lib/private-dns-zone';
import type * as privateDnsZoneVirtualNetworkLink from '@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link';
import type * as privateEndpoint from '@cdktf/provider-azurerm/lib/private-endpoint';
import type * as publicIp from '@cdktf/provider-azurerm/lib/public-ip';
import type * as resourceGroup from '@cdktf/provider-azurerm/lib/resource-group';
import type * as roleAssignment from '@cdktf/provider-azurerm/lib/role-assignment';
import type * as routeTable from '@cdktf/provider-azurerm/lib/route-table';
import type * as storageAccount from '@cdktf/provider-azurerm/lib/storage-account';
import type * as storageBlob from '@cdktf/provider-azurerm/lib/storage-blob';
import type * as storageContainer from '@cdktf/provider-azurerm/lib/storage-container';
import type * as subnet from '@cdktf/provider-azurerm/lib/subnet';
import type * as subnetNatGatewayAssociation from '@cdktf/provider-azurerm/lib/subnet-nat-gateway-association';
import type * as subnetNetworkSecurityGroupAssociation from '@cdktf/provider-azurerm/lib/subnet-network-security-group-association';
import type * as subnetRouteTableAssociation from '@cdktf/provider-azurerm/lib/subnet-route-table-association';
import type * as userAssignedIdentity from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import type * as virtualNetwork from '@cdktf/provider-azurerm/lib/virtual-network';
import type * as virtualNetworkPeering from '@cdktf/provider-azurerm/lib/virtual-network-peering';

import { lazyBindings } from './lazy-bindings';

const azurerm = lazyBindings('@cdktf/provider-azurerm');

export const { ApplicationInsights } = azurerm<typeof applicationInsights>('application-insights');
export type ApplicationInsights = applicationInsights.ApplicationInsights;

export const { ContainerApp } = azurerm<typeof containerApp>('container-app');
export type ContainerApp = containerApp.ContainerApp;

export const { ContainerAppCustomDomain } = azurerm<typeof containerAppCustomDomain>(
  'container-app-custom-domain',
);
export type ContainerAppCustomDomain = containerAppCustomDomain.ContainerAppCustomDomain;

export const { ContainerAppEnvironment } =
  azurerm<typeof containerAppEnvironment>('container-app-environment');
export type ContainerAppEnvironment = containerAppEnvironment.ContainerAppEnvironment;

export const { ContainerAppEnvironmentCertificate } = azurerm<typeof containerAppEnvironmentCertificate>(
  'container-app-environment-certificate',
);
export type ContainerAppEnvironmentCertificate =
  containerAppEnvironmentCertificate.ContainerAppEnvironmentCertificate;

export const { ContainerRegistry } = azurerm<typeof containerRegistry>('container-registry');
export type ContainerRegistry = containerRegistry.ContainerRegistry;

export const { ContainerRegistryAgentPool } = azurerm<typeof containerRegistryAgentPool>(
  'container-registry-agent-pool',
);
export type ContainerRegistryAgentPool = containerRegistryAgentPool.ContainerRegistryAgentPool;

export const { ContainerRegistryTask } = azurerm<typeof containerRegistryTask>('container-registry-task');
export type ContainerRegistryTask = containerRegistryTask.ContainerRegistryTask;

export const { ContainerRegistryTaskScheduleRunNow } = azurerm<typeof containerRegistryTaskScheduleRunNow>(
  'container-registry-task-schedule-run-now',
);
export type ContainerRegistryTaskScheduleRunNow =
  containerRegistryTaskScheduleRunNow.ContainerRegistryTaskScheduleRunNow;

export const { DataAzurermClientConfig } = azurerm<typeof dataAzurermClientConfig>(
  'data-azurerm-client-config',
);
export type DataAzurermClientConfig = dataAzurermClientConfig.DataAzurermClientConfig;

export const { DataAzurermKeyVaultCertificate } = azurerm<typeof dataAzurermKeyVaultCertificate>(
  'data-azurerm-key-vault-certificate',
);
export type DataAzurermKeyVaultCertificate = dataAzurermKeyVaultCertificate.DataAzurermKeyVaultCertificate;

export const { DataAzurermKeyVaultCertificateData } = azurerm<typeof dataAzurermKeyVaultCertificateData>(
  'data-azurerm-key-vault-certificate-data',
);
export type DataAzurermKeyVaultCertificateData =
  dataAzurermKeyVaultCertificateData.DataAzurermKeyVaultCertificateData;

export const { DataAzurermKeyVaultSecret } = azurerm<typeof dataAzurermKeyVaultSecret>(
  'data-azurerm-key-vault-secret',
);
export type DataAzurermKeyVaultSecret = dataAzurermKeyVaultSecret.DataAzurermKeyVaultSecret;

export const { DataAzurermKubernetesCluster } = azurerm<typeof dataAzurermKubernetesCluster>(
  'data-azurerm-kubernetes-cluster',
);
export type DataAzurermKubernetesCluster = dataAzurermKubernetesCluster.DataAzurermKubernetesCluster;

export const { DataAzurermPublicIp } = azurerm<typeof dataAzurermPublicIp>('data-azurerm-public-ip');
export type DataAzurermPublicIp = dataAzurermPublicIp.DataAzurermPublicIp;

export const { DataAzurermResourceGroup } = azurerm<typeof dataAzurermResourceGroup>(
  'data-azurerm-resource-group',
);
export type DataAzurermResourceGroup = dataAzurermResourceGroup.DataAzurermResourceGroup;

export const { DnsARecord } = azurerm<typeof dnsARecord>('dns-a-record');
export type DnsARecord = dnsARecord.DnsARecord;

export const { DnsAaaaRecord } = azurerm<typeof dnsAaaaRecord>('dns-aaaa-record');
export type DnsAaaaRecord = dnsAaaaRecord.DnsAaaaRecord;

export const { DnsCaaRecord } = azurerm<typeof dnsCaaRecord>('dns-caa-record');
export type DnsCaaRecord = dnsCaaRecord.DnsCaaRecord;

export const { DnsCnameRecord } = azurerm<typeof dnsCnameRecord>('dns-cname-record');
export type DnsCnameRecord = dnsCnameRecord.DnsCnameRecord;

export const { DnsTxtRecord } = azurerm<typeof dnsTxtRecord>('dns-txt-record');
export type DnsTxtRecord = dnsTxtRecord.DnsTxtRecord;

export const { DnsZone } = azurerm<typeof dnsZone>('dns-zone');
export type DnsZone = dnsZone.DnsZone;

export const { KeyVault } = azurerm<typeof keyVault>('key-vault');
export type KeyVault = keyVault.KeyVault;

export const { KeyVaultCertificate } = azurerm<typeof keyVaultCertificate>('key-vault-certificate');
export type KeyVaultCertificate = keyVaultCertificate.KeyVaultCertificate;

export const { KeyVaultSecret } = azurerm<typeof keyVaultSecret>('key-vault-secret');
export type KeyVaultSecret = keyVaultSecret.KeyVaultSecret;

export const { KubernetesCluster } = azurerm<typeof kubernetesCluster>('kubernetes-cluster');
export type KubernetesCluster = kubernetesCluster.KubernetesCluster;

export const { KubernetesClusterNodePool } = azurerm<typeof kubernetesClusterNodePool>(
  'kubernetes-cluster-node-pool',
);
export type KubernetesClusterNodePool = kubernetesClusterNodePool.KubernetesClusterNodePool;

export const { Lb } = azurerm<typeof lb>('lb');
export type Lb = lb.Lb;

export const { LbBackendAddressPool } = azurerm<typeof lbBackendAddressPool>('lb-backend-address-pool');
export type LbBackendAddressPool = lbBackendAddressPool.LbBackendAddressPool;

export const { LbOutboundRule } = azurerm<typeof lbOutboundRule>('lb-outbound-rule');
export type LbOutboundRule = lbOutboundRule.LbOutboundRule;

export const { LbProbe } = azurerm<typeof lbProbe>('lb-probe');
export type LbProbe = lbProbe.LbProbe;

export const { LbRule } = azurerm<typeof lbRule>('lb-rule');
export type LbRule = lbRule.LbRule;

export const { LinuxVirtualMachineScaleSet } = azurerm<typeof linuxVirtualMachineScaleSet>(
  'linux-virtual-machine-scale-set',
);
export type LinuxVirtualMachineScaleSet = linuxVirtualMachineScaleSet.LinuxVirtualMachineScaleSet;

export const { LogAnalyticsWorkspace } = azurerm<typeof logAnalyticsWorkspace>('log-analytics-workspace');
export type LogAnalyticsWorkspace = logAnalyticsWorkspace.LogAnalyticsWorkspace;

export const { MachineLearningDatastoreBlobstorage } = azurerm<typeof machineLearningDatastoreBlobstorage>(
  'machine-learning-datastore-blobstorage',
);
export type MachineLearningDatastoreBlobstorage =
  machineLearningDatastoreBlobstorage.MachineLearningDatastoreBlobstorage;

export const { MarketplaceAgreement } = azurerm<typeof marketplaceAgreement>('marketplace-agreement');
export type MarketplaceAgreement = marketplaceAgreement.MarketplaceAgreement;

export const { MonitorActionGroup } = azurerm<typeof monitorActionGroup>('monitor-action-group');
export type MonitorActionGroup = monitorActionGroup.MonitorActionGroup;

export const { MonitorAlertPrometheusRuleGroup } = azurerm<typeof monitorAlertPrometheusRuleGroup>(
  'monitor-alert-prometheus-rule-group',
);
export type MonitorAlertPrometheusRuleGroup = monitorAlertPrometheusRuleGroup.MonitorAlertPrometheusRuleGroup;

export const { MonitorAutoscaleSetting } =
  azurerm<typeof monitorAutoscaleSetting>('monitor-autoscale-setting');
export type MonitorAutoscaleSetting = monitorAutoscaleSetting.MonitorAutoscaleSetting;

export const { MonitorDataCollectionEndpoint } = azurerm<typeof monitorDataCollectionEndpoint>(
  'monitor-data-collection-endpoint',
);
export type MonitorDataCollectionEndpoint = monitorDataCollectionEndpoint.MonitorDataCollectionEndpoint;

export const { MonitorDataCollectionRule } = azurerm<typeof monitorDataCollectionRule>(
  'monitor-data-collection-rule',
);
export type MonitorDataCollectionRule = monitorDataCollectionRule.MonitorDataCollectionRule;

export const { MonitorDataCollectionRuleAssociation } = azurerm<typeof monitorDataCollectionRuleAssociation>(
  'monitor-data-collection-rule-association',
);
export type MonitorDataCollectionRuleAssociation =
  monitorDataCollectionRuleAssociation.MonitorDataCollectionRuleAssociation;

export const { MonitorDiagnosticSetting } = azurerm<typeof monitorDiagnosticSetting>(
  'monitor-diagnostic-setting',
);
export type MonitorDiagnosticSetting = monitorDiagnosticSetting.MonitorDiagnosticSetting;

export const { MonitorMetricAlert } = azurerm<typeof monitorMetricAlert>('monitor-metric-alert');
export type MonitorMetricAlert = monitorMetricAlert.MonitorMetricAlert;

export const { MonitorWorkspace } = azurerm<typeof monitorWorkspace>('monitor-workspace');
export type MonitorWorkspace = monitorWorkspace.MonitorWorkspace;

export const { NatGateway } = azurerm<typeof natGateway>('nat-gateway');
export type NatGateway = natGateway.NatGateway;

export const { NatGatewayPublicIpAssociation } = azurerm<typeof natGatewayPublicIpAssociation>(
  'nat-gateway-public-ip-association',
);
export type NatGatewayPublicIpAssociation = natGatewayPublicIpAssociation.NatGatewayPublicIpAssociation;

export const { NetworkSecurityGroup } = azurerm<typeof networkSecurityGroup>('network-security-group');
export type NetworkSecurityGroup = networkSecurityGroup.NetworkSecurityGroup;

export const { NetworkSecurityRule } = azurerm<typeof networkSecurityRule>('network-security-rule');
export type NetworkSecurityRule = networkSecurityRule.NetworkSecurityRule;

export const { PrivateDnsARecord } = azurerm<typeof privateDnsARecord>('private-dns-a-record');
export type PrivateDnsARecord = privateDnsARecord.PrivateDnsARecord;

export const { PrivateDnsAaaaRecord } = azurerm<typeof privateDnsAaaaRecord>('private-dns-aaaa-record');
export type PrivateDnsAaaaRecord = privateDnsAaaaRecord.PrivateDnsAaaaRecord;

export const { PrivateDnsCnameRecord } = azurerm<typeof privateDnsCnameRecord>('private-dns-cname-record');
export type PrivateDnsCnameRecord = privateDnsCnameRecord.PrivateDnsCnameRecord;

export const { PrivateDnsZone } = azurerm<typeof privateDnsZone>('private-dns-zone');
export type PrivateDnsZone = privateDnsZone.PrivateDnsZone;

export const { PrivateDnsZoneVirtualNetworkLink } = azurerm<typeof privateDnsZoneVirtualNetworkLink>(
  'private-dns-zone-virtual-network-link',
);
export type PrivateDnsZoneVirtualNetworkLink =
  privateDnsZoneVirtualNetworkLink.PrivateDnsZoneVirtualNetworkLink;

export const { PrivateEndpoint } = azurerm<typeof privateEndpoint>('private-endpoint');
export type PrivateEndpoint = privateEndpoint.PrivateEndpoint;

export const { PublicIp } = azurerm<typeof publicIp>('public-ip');
export type PublicIp = publicIp.PublicIp;

export const { ResourceGroup } = azurerm<typeof resourceGroup>('resource-group');
export type ResourceGroup = resourceGroup.ResourceGroup;

export const { RoleAssignment } = azurerm<typeof roleAssignment>('role-assignment');
export type RoleAssignment = roleAssignment.RoleAssignment;

export const { RouteTable } = azurerm<typeof routeTable>('route-table');
export type RouteTable = routeTable.RouteTable;

export const { StorageAccount } = azurerm<typeof storageAccount>('storage-account');
export type StorageAccount = storageAccount.StorageAccount;

export const { StorageBlob } = azurerm<typeof storageBlob>('storage-blob');
export type StorageBlob = storageBlob.StorageBlob;

export const { StorageContainer } = azurerm<typeof storageContainer>('storage-container');
export type StorageContainer = storageContainer.StorageContainer;

export const { Subnet } = azurerm<typeof subnet>('subnet');
export type Subnet = subnet.Subnet;

export const { SubnetNatGatewayAssociation } = azurerm<typeof subnetNatGatewayAssociation>(
  'subnet-nat-gateway-association',
);
export type SubnetNatGatewayAssociation = subnetNatGatewayAssociation.SubnetNatGatewayAssociation;

export const { SubnetNetworkSecurityGroupAssociation } = azurerm<
  typeof subnetNetworkSecurityGroupAssociation
>('subnet-network-security-group-association');
export type SubnetNetworkSecurityGroupAssociation =
  subnetNetworkSecurityGroupAssociation.SubnetNetworkSecurityGroupAssociation;

export const { SubnetRouteTableAssociation } = azurerm<typeof subnetRouteTableAssociation>(
  'subnet-route-table-association',
);
export type SubnetRouteTableAssociation = subnetRouteTableAssociation.SubnetRouteTableAssociation;

export const { UserAssignedIdentity } = azurerm<typeof userAssignedIdentity>('user-assigned-identity');
export type UserAssignedIdentity = userAssignedIdentity.UserAssignedIdentity;

export const { VirtualNetwork } = azurerm<typeof virtualNetwork>('virtual-network');
export type VirtualNetwork = virtualNetwork.VirtualNetwork;

export const { VirtualNetworkPeering } = azurerm<typeof virtualNetworkPeering>('virtual-network-peering');
export type VirtualNetworkPeering = virtualNetworkPeering.VirtualNetworkPeering;
