/**
 * What a stack declares: constructs for an image-scoring web service, on Azure or on this machine.
 *
 * @module cdktf-brainwave
 */

export {
  BrainwaveModel,
  ResizeMethod,
  ServiceDefinition,
  ServiceDefinitionError,
  SoftwareModel,
  Stage,
  type BrainwaveModelShape,
  type BrainwaveStageProps,
  type ImageStageProps,
  type ModelStageProps,
  type ServiceDefinitionProps,
  type SoftwareModelProps,
} from '../lib/service-definition';
export { Accelerator, AcceleratorError, type CustomAcceleratorProps, type NodeTaint } from './accelerator';
export { AksCompute, PodSecurity, type AksAutoscaling, type AksComputeProps } from './aks-compute';
export { AksService } from './aks-service';
export {
  ApiKeys,
  type ApiKeysConfiguration,
  type GeneratedApiKeysProps,
  type KeyVaultApiKeysConfiguration,
  type KeyVaultApiKeysProps,
  type VariableApiKeysProps,
} from './api-keys';
export { AzapiProvider, type AzapiProviderProps } from './azapi-provider';
export { AzapiResource, type AzapiIdentity, type AzapiResourceConfig } from './azapi-resource';
export { AzapiResourceAction, type AzapiResourceActionConfig } from './azapi-resource-action';
export { AzapiUpdateResource, type AzapiUpdateResourceConfig } from './azapi-update-resource';
export { BrainwaveWebservice, type BrainwaveWebserviceProps } from './brainwave-webservice';
export type { ICompute, WebserviceSpecification } from './compute';
export { ClusterAccess, type ClusterConnection } from './cluster-access';
export { ConstructError } from './construct-error';
export type { ContainerResources } from './container-resources';
export { DnsRecords, type DnsRecordsProps } from './dns-records';
export {
  DnsZone,
  ZoneVisibility,
  type DnsZoneAttributes,
  type DnsZoneProps,
  type IDnsZone,
} from './dns-zone';
export {
  FpgaImage,
  MarketplaceTerms,
  type FpgaImageReference,
  type ImagePlanProps,
  type MarketplaceImageProps,
} from './fpga-image';
export { FpgaMachines } from './fpga-machines';
export { FpgaNetwork } from './fpga-network';
export { FpgaSecrets } from './fpga-secrets';
export {
  FpgaVirtualMachines,
  type FpgaAcceleratorProps,
  type FpgaVirtualMachinesProps,
} from './fpga-virtual-machines';
export { FpgaVmSize } from './fpga-vm-size';
export { ImageClassifier, type ImageClassifierProps } from './image-classifier';
export type { WebserviceAttributes } from './imported-webservice';
export type { KeyVaultSecretReference } from './key-vault-secret-reference';
export { DataAzapiResource, type DataAzapiResourceConfig } from './data-azapi-resource';
export { DataAzapiResourceAction, type DataAzapiResourceActionConfig } from './data-azapi-resource-action';
export type {
  OnlineAutoscaling,
  OnlineProbe,
  OnlineRequestSettings,
  OnlineResources,
} from './deployment-settings';
export { CodeVersion } from './code-version';
export { CondaFileError } from './conda-environment';
export { EndpointIdentity } from './endpoint-identity';
export { EndpointTraffic, type EndpointTrafficProps, type TrafficShare } from './endpoint-traffic';
export type { OnlineEndpointAttributes } from './existing-endpoint';
export type { WorkspaceAttributes } from './existing-workspace';
export type { InstanceType } from './instance-type';
export {
  KubernetesCompute,
  type IKubernetesCompute,
  type KubernetesComputeAttributes,
  type KubernetesComputeProps,
  type RouterExposure,
} from './kubernetes-compute';
export { LocalOnlineEndpoint, type LocalOnlineEndpointProps } from './local-online-endpoint';
export { LocalCompute, type LocalComputeProps } from './local-compute';
export { LocalWorkspace, type LocalWorkspaceProps } from './local-workspace';
export { ModelFolder, type ModelFolderProps } from './model-folder';
export {
  ModelServer,
  ModelServerProtocol,
  type CustomModelServerProps,
  type ModelServerContainer,
  type TritonProps,
} from './model-server';
export type { DeviceClaim } from './node-pool-capacity';
export { NvidiaDevicePlugin, type NvidiaDevicePluginProps } from './nvidia-device-plugin';
export { OnlineDeployment, type OnlineDeploymentProps } from './online-deployment';
export { OnlineEndpoint, type OnlineEndpointProps } from './online-endpoint';
export type { IOnlineEndpoint } from './online-endpoint-reference';
export type { ProvidedKeys } from './provided-keys';
export { PublicAddress } from './public-address';
export { ModelVersion, type ModelVersionProps } from './model-version';
export {
  RegisteredModel,
  type IRegisteredModel,
  type RegisteredModelAttributes,
  type RegisteredModelProps,
} from './registered-model';
export {
  ScoringCluster,
  type IScoringCluster,
  type ScoringClusterAttributes,
  type ScoringClusterProps,
} from './scoring-cluster';
export { ScoringCode, ScoringCodeError, type ScoringCodeProps } from './scoring-code';
export {
  ScoringEnvironment,
  type IScoringEnvironment,
  type ScoringEnvironmentProps,
} from './scoring-environment';
export type { ScoringRoutes } from './scoring-routes';
export { ScoringImage, type ScoringImageAttributes, type ScoringImageProps } from './scoring-image';
export type { IScoringImage } from './scoring-image-reference';
export {
  SmokeTest,
  type SmokeTestBaseline,
  type SmokeTestLatencyBudget,
  type SmokeTestProps,
  type SmokeTestWarmCalls,
} from './smoke-test';
export type { SmokeTestExpectation } from './smoke-test-expectation';
export type { SmokeTestImage } from './smoke-test-samples';
export {
  SslSettings,
  type KeyVaultCertificateConfiguration,
  type KeyVaultCertificateProps,
  type PemConfiguration,
  type PemFilesConfiguration,
  type PemFilesProps,
  type SelfSignedConfiguration,
  type SelfSignedProps,
  type SslConfiguration,
  type VariablesSslProps,
} from './ssl-settings';
export { TerraformData, type TerraformDataConfig } from './terraform-data';
export type { IWebservice, WebserviceEndpoint, WebserviceRollout } from './webservice';
export {
  Workspace,
  type AzureContainerRegistry,
  type AzureIdentity,
  type AzureModelLocation,
  type AzureResource,
  type AzureWorkspace,
  type IWorkspace,
  type ModelRegistration,
  type RegisteredModelLocation,
  type WorkspaceProps,
} from './workspace';
export type { WorkspaceConfigProps } from './workspace-config';
export { WorkspaceAsset } from './workspace-asset';
export { WorkspaceFiles } from './workspace-files';
