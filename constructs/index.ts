/**
 * What a stack declares: constructs for an image-scoring web service, on Azure or on the local machine.
 *
 * @module cdktf-brainwave
 */

import { requireNode } from '../lib/validation/required-node';

requireNode();

// The service
export { ImageClassifier, type ImageClassifierProps } from './image-classifier';
export {
  BrainwaveWebservice,
  type BaseWebserviceProps,
  type BrainwaveWebserviceProps,
} from './webservice/brainwave-webservice';
export type { WebserviceAttributes } from './webservice/imported-webservice';
export type { WebserviceRollout } from './webservice/rollout';
export {
  AddressType,
  type AzureLoadBalancer,
  type IWebservice,
  type IWebserviceDeployment,
  type IWebservicePods,
  type LatencyMetricOptions,
  type PodsAccess,
  type StepAccess,
  type WebserviceEndpoint,
  WebserviceProtocol,
} from './webservice/webservice';

export { WebserviceBase } from './webservice/webservice-base';

// What it runs
export {
  BrainwaveModel,
  ChannelOrder,
  ImageLayout,
  JpegDecoding,
  ResizeMethod,
  ServiceDefinition,
  ServiceDefinitionError,
  SoftwareModel,
  Stage,
  type BrainwaveModelShape,
  type BrainwaveStageProps,
  type ImageStageProps,
  type ModelStageProps,
  type SavedModelStageProps,
  type ServiceDefinitionFromZipOptions,
  type ServiceDefinitionProps,
  type SoftwareModelProps,
} from '../lib/service-definition';

// Where models are registered
export { ModelFolder, type ModelFolderProps } from './model/model-folder';
export {
  RegisteredModel,
  type RegisteredModelAttributes,
  type RegisteredModelProps,
} from './model/registered-model';
export type { IRegisteredModel } from './model/registered-model-reference';
export { LocalWorkspace, type LocalWorkspaceProps } from './local/local-workspace';
export { Workspace, type WorkspaceProps } from './workspace/workspace';
export { WorkspaceAsset } from './workspace/workspace-asset';
export type { WorkspaceAttributes } from './workspace/imported-workspace';
export type { WorkspaceConfigProps } from './workspace/workspace-config';
export { WorkspaceFiles } from './workspace/workspace-files';
export type {
  AzureModelLocation,
  AzureWorkspace,
  IWorkspace,
  ModelRegistration,
  RegisteredModelLocation,
} from './workspace/workspace-reference';
export type { AzureContainerRegistry, AzureIdentity, AzureResource } from './azure/azure-resource';

// Who can reach it
export {
  Egress,
  type EgressRoute,
  type EgressSubnets,
  type FirewallEgressProps,
  type NatGatewayEgressProps,
} from './network/egress';
export {
  NetworkIsolation,
  type ClusterNetwork,
  type IsolationPlacement,
  type PrivateEndpointsProps,
  type PrivateLinkTarget,
} from './network/network-isolation';
export { PrivateDnsZones, type CreatedZonesProps, type PrivateZone } from './network/private-dns-zones';
export { PrivateNetwork, type PrivateNetworkProps, type SubnetAttributes } from './network/private-network';
export { OutboundType, type IPrivateNetwork } from './network/private-network-reference';

// Where it runs
export type { ICompute, WebserviceSpecification } from './webservice/compute';
export { LocalCompute, type LocalComputeProps } from './local/local-compute';

// … on Kubernetes
export {
  KubernetesCompute,
  PodSecurity,
  type BaseKubernetesComputeProps,
  type KubernetesComputeProps,
} from './kubernetes/kubernetes-compute';
export { KubernetesService } from './kubernetes/kubernetes-service';
export { KubernetesCluster, type KubernetesClusterProps } from './kubernetes/kubernetes-cluster';
export type { IKubernetesCluster } from './kubernetes/kubernetes-cluster-reference';
export {
  KubernetesAccess,
  type ExecAccessProps,
  type KubeconfigAccessProps,
  type TokenAccessProps,
} from './kubernetes/kubernetes-access';
export {
  Exposure,
  ExternalTrafficPolicy,
  type ExposedService,
  type InternalLoadBalancerProps,
  type LoadBalancerProps,
  type NodePortProps,
  type PrivateLinkServiceProps,
} from './kubernetes/exposure';
export { Rollout } from './kubernetes/rollout';
export {
  Autoscaling,
  type CpuAutoscalingProps,
  type InFlightAutoscalingProps,
  type ReplicaRange,
} from './kubernetes/autoscaling';
export type { DeviceClaim } from './kubernetes/device-capacity';
export { NvidiaDevicePlugin, type NvidiaDevicePluginProps } from './kubernetes/nvidia-device-plugin';
export type { ContainerResources } from './accelerator/container-resources';

// … on AKS
export { AksCompute, type AksComputeProps } from './aks/aks-compute';
export { ClusterAccess, type ClusterConnection } from './aks/cluster-access';
export { ContainerInsights } from './aks/cluster-logs';
export { PublicAddress, type PublicAddressProps } from './aks/public-address';
export {
  ScoringCluster,
  type ScoringClusterAttributes,
  type ScoringClusterProps,
} from './aks/scoring-cluster';
export type { IScoringCluster } from './aks/scoring-cluster-reference';
export { AzureNaming, type AzureNamingProps } from './azure/azure-naming';
export {
  Environment,
  type EnvironmentProps,
  type EnvironmentSettings,
  type MaintenanceWindow,
} from './azure/environment';
export {
  Accelerator,
  AcceleratorError,
  type CustomAcceleratorProps,
  type NodeTaint,
} from './accelerator/accelerator';
export {
  ModelServer,
  ModelServerProtocol,
  type CustomModelServerProps,
  type ModelServerContainer,
  type TritonProps,
} from './accelerator/model-server';

// … on Azure Container Apps
export {
  ContainerAppsCompute,
  type ContainerAppsComputeProps,
  type ContainerAppsResources,
  type ContainerAppsScaling,
} from './container-apps/container-apps-compute';
export { ContainerAppsDomain } from './container-apps/container-apps-domain';
export {
  ContainerAppsEnvironment,
  type ContainerAppsEnvironmentAttributes,
  type ContainerAppsEnvironmentProps,
} from './container-apps/container-apps-environment';
export type { IContainerAppsEnvironment } from './container-apps/container-apps-environment-reference';
export {
  ContainerAppsIngress,
  type Http2IngressProps,
  type TcpIngressProps,
} from './container-apps/container-apps-ingress';
export { ContainerAppsService } from './container-apps/container-apps-service';
export { RevisionTraffic, type RevisionShare } from './container-apps/revision-traffic';
export { WorkloadProfile, type DedicatedProfileProps } from './container-apps/workload-profile';

// … on machines that Azure ML manages
export {
  ManagedEndpointCompute,
  type ManagedEndpointComputeProps,
} from './online-endpoint/managed-endpoint-compute';

// … on machines with FPGAs
export { FpgaCompute, type FpgaAcceleratorProps, type FpgaComputeProps } from './fpga/fpga-compute';
export {
  FpgaImage,
  MarketplaceTerms,
  type FpgaImageReference,
  type ImagePlanProps,
  type MarketplaceImageProps,
} from './fpga/fpga-image';
export { FpgaNetwork } from './fpga/fpga-network';
export { FpgaSecrets } from './fpga/fpga-secrets';
export { FpgaService } from './fpga/fpga-service';
export { FpgaVmSize } from './fpga/fpga-vm-size';

// … in which image
export { ScoringImage, type ScoringImageAttributes, type ScoringImageProps } from './image/scoring-image';
export type { IScoringImage } from './image/scoring-image-reference';

// TLS, keys and names
export {
  AcmeAccount,
  type AcmeAccountAttributes,
  type AcmeAccountProps,
  type AcmeExternalAccountBinding,
  type IAcmeAccount,
} from './acme/acme-account';
export {
  AcmeCertificate,
  AcmeKeyType,
  type AcmeCertificateOptions,
  type AcmeCertificateProps,
} from './acme/acme-certificate';
export {
  AcmeChallenge,
  type AcmeChallengeConfiguration,
  type AcmeChallengeOptions,
  type AzureDnsChallengeProps,
  type DnsProviderChallengeProps,
} from './acme/acme-challenge';
export { AcmeProvider, type AcmeProviderProps } from './acme/acme-provider';
export {
  SslSettings,
  type AcmeSslProps,
  type KeyVaultCertificateConfiguration,
  type KeyVaultCertificateProps,
  type ManagedCertificateProps,
  type PemConfiguration,
  type PemFilesConfiguration,
  type PemFilesProps,
  type SelfSignedConfiguration,
  type SelfSignedProps,
  type SslConfiguration,
  type VariablesSslProps,
} from './tls-and-keys/ssl-settings';
export {
  ApiKeys,
  type ApiKeysConfiguration,
  type GeneratedApiKeysConfiguration,
  type GeneratedApiKeysProps,
  type KeyVaultApiKeysConfiguration,
  type KeyVaultApiKeysProps,
  type KeyVaultGeneratedApiKeysProps,
  type KeyVaultSecretReference,
  type VariableApiKeysProps,
} from './tls-and-keys/api-keys';
export type { ProvidedKeys } from './tls-and-keys/provided-keys';
export { DnsRecords, type DnsRecordsOptions, type DnsRecordsProps } from './dns/dns-records';
export { DnsZone, type DnsZoneAttributes, type DnsZoneProps } from './dns/dns-zone';
export { ZoneVisibility, type IDnsZone } from './dns/dns-zone-reference';

// The test after each deployment
export { Sample, type SampleOptions } from './smoke-test/sample';
export { SmokeTest } from './smoke-test/smoke-test';
export { SmokeTestRunner, type BaseSmokeTestProps, type SmokeTestProps } from './smoke-test/smoke-test-props';
export { ParityTest, type ParityTestProps } from './smoke-test/parity-test';
export type {
  LatencyBudget,
  SmokeTestBaseline,
  SmokeTestExpectation,
  WarmCalls,
} from '../lib/smoke-test/smoke-test-options';

// Metrics, alerts and logs
export { Monitoring, type MonitoringProps } from './monitoring/monitoring';
export type { IPrometheus, MonitoredService } from './monitoring/prometheus';
export { PrometheusOperator, type PrometheusOperatorProps } from './monitoring/prometheus-operator';
export {
  ManagedPrometheus,
  type ManagedPrometheusAttributes,
  type ManagedPrometheusProps,
} from './monitoring/managed-prometheus';
export { ActionGroup, type ActionGroupProps } from './monitoring/action-group';
export { Metric, MetricUnit, type MetricOptions, type MetricProps } from './metrics/metric';
export { AlertSeverity, type AlertProps, type AlertRule } from './metrics/alert-rule';

// Entry scripts over HTTP
export {
  AttachedKubernetesCluster,
  type AttachedKubernetesClusterAttributes,
  type AttachedKubernetesClusterProps,
} from './online-endpoint/attached-kubernetes-cluster';
export type {
  IAttachedKubernetesCluster,
  InstanceType,
  RouterExposure,
} from './online-endpoint/attached-kubernetes-cluster-reference';
export { CodeVersion } from './online-endpoint/code-version';
export { CondaFileError } from './online-endpoint/conda-environment';
export type {
  OnlineAutoscaling,
  OnlineProbe,
  OnlineRequestSettings,
  OnlineResources,
} from './online-endpoint/deployment-settings';
export { EndpointIdentity } from './online-endpoint/endpoint-identity';
export {
  EndpointTraffic,
  type EndpointTrafficProps,
  type TrafficShare,
} from './online-endpoint/endpoint-traffic';
export type { OnlineEndpointAttributes } from './online-endpoint/imported-online-endpoint';
export { OnlineDeployment, type OnlineDeploymentProps } from './online-endpoint/online-deployment';
export { OnlineEndpoint, type OnlineEndpointProps } from './online-endpoint/online-endpoint';
export type { IOnlineDeployment, IOnlineEndpoint } from './online-endpoint/online-endpoint-reference';
export { ScoringCode, ScoringCodeError, type ScoringCodeProps } from './online-endpoint/scoring-code';
export { ScoringEnvironment, type ScoringEnvironmentProps } from './online-endpoint/scoring-environment';
export type { IScoringEnvironment } from './online-endpoint/scoring-environment-reference';
export type { ScoringRoutes } from './online-endpoint/scoring-routes';
export { LocalOnlineEndpoint, type LocalOnlineEndpointProps } from './local/local-online-endpoint';

// Terraform resources that have no bindings
export { AzapiProvider, type AzapiProviderProps } from './azapi/azapi-provider';
export { AzapiResource, type AzapiIdentity, type AzapiResourceConfig } from './azapi/azapi-resource';
export { AzapiResourceAction, type AzapiResourceActionConfig } from './azapi/azapi-resource-action';
export { AzapiUpdateResource, type AzapiUpdateResourceConfig } from './azapi/azapi-update-resource';
export { DataAzapiResource, type DataAzapiResourceConfig } from './azapi/data-azapi-resource';
export {
  DataAzapiResourceAction,
  type DataAzapiResourceActionConfig,
} from './azapi/data-azapi-resource-action';
export { TerraformData, type TerraformDataConfig } from './terraform/terraform-data';

// Errors
export { ConstructError } from './validation/construct-error';
export { SynthErrors } from './validation/synth-errors';
