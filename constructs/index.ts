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
export {
  Accelerator,
  AcceleratorError,
  type CustomAcceleratorProps,
  type NodeTaint,
} from './accelerator/accelerator';
export { AksCompute, PodSecurity, type AksAutoscaling, type AksComputeProps } from './aks/aks-compute';
export { AksService } from './aks/aks-service';
export {
  ApiKeys,
  type ApiKeysConfiguration,
  type GeneratedApiKeysConfiguration,
  type GeneratedApiKeysProps,
  type KeyVaultApiKeysConfiguration,
  type KeyVaultApiKeysProps,
  type VariableApiKeysProps,
} from './tls-and-keys/api-keys';
export { AzapiProvider, type AzapiProviderProps } from './azapi/azapi-provider';
export { AzapiResource, type AzapiIdentity, type AzapiResourceConfig } from './azapi/azapi-resource';
export { AzapiResourceAction, type AzapiResourceActionConfig } from './azapi/azapi-resource-action';
export { AzapiUpdateResource, type AzapiUpdateResourceConfig } from './azapi/azapi-update-resource';
export { BrainwaveWebservice, type BrainwaveWebserviceProps } from './webservice/brainwave-webservice';
export type { ICompute, WebserviceSpecification } from './webservice/compute';
export { ClusterAccess, type ClusterConnection } from './aks/cluster-access';
export { ConstructError } from './validation/construct-error';
export type { ContainerResources } from './kubernetes/container-resources';
export { DnsRecords, type DnsRecordsOptions, type DnsRecordsProps } from './dns/dns-records';
export {
  DnsZone,
  ZoneVisibility,
  type DnsZoneAttributes,
  type DnsZoneProps,
  type IDnsZone,
} from './dns/dns-zone';
export {
  FpgaImage,
  MarketplaceTerms,
  type FpgaImageReference,
  type ImagePlanProps,
  type MarketplaceImageProps,
} from './fpga/fpga-image';
export { FpgaService } from './fpga/fpga-service';
export { FpgaNetwork } from './fpga/fpga-network';
export { FpgaSecrets } from './fpga/fpga-secrets';
export { FpgaCompute, type FpgaAcceleratorProps, type FpgaComputeProps } from './fpga/fpga-compute';
export { FpgaVmSize } from './fpga/fpga-vm-size';
export { ImageClassifier, type ImageClassifierProps } from './image-classifier';
export type { WebserviceAttributes } from './webservice/imported-webservice';
export type { KeyVaultSecretReference } from './tls-and-keys/key-vault-secret-reference';
export { DataAzapiResource, type DataAzapiResourceConfig } from './azapi/data-azapi-resource';
export {
  DataAzapiResourceAction,
  type DataAzapiResourceActionConfig,
} from './azapi/data-azapi-resource-action';
export type {
  OnlineAutoscaling,
  OnlineProbe,
  OnlineRequestSettings,
  OnlineResources,
} from './online-endpoint/deployment-settings';
export { CodeVersion } from './online-endpoint/code-version';
export { CondaFileError } from './online-endpoint/conda-environment';
export { EndpointIdentity } from './online-endpoint/endpoint-identity';
export {
  EndpointTraffic,
  type EndpointTrafficProps,
  type TrafficShare,
} from './online-endpoint/endpoint-traffic';
export type { OnlineEndpointAttributes } from './online-endpoint/imported-online-endpoint';
export type { WorkspaceAttributes } from './workspace/imported-workspace';
export type { InstanceType } from './online-endpoint/instance-type';
export {
  AttachedKubernetesCluster,
  type IAttachedKubernetesCluster,
  type AttachedKubernetesClusterAttributes,
  type AttachedKubernetesClusterProps,
  type RouterExposure,
} from './online-endpoint/attached-kubernetes-cluster';
export { LocalOnlineEndpoint, type LocalOnlineEndpointProps } from './local/local-online-endpoint';
export { LocalCompute, type LocalComputeProps } from './local/local-compute';
export { LocalWorkspace, type LocalWorkspaceProps } from './local/local-workspace';
export { ModelFolder, type ModelFolderProps } from './model/model-folder';
export {
  ModelServer,
  ModelServerProtocol,
  type CustomModelServerProps,
  type ModelServerContainer,
  type TritonProps,
} from './accelerator/model-server';
export type { DeviceClaim } from './aks/node-pool-capacity';
export { NvidiaDevicePlugin, type NvidiaDevicePluginProps } from './aks/nvidia-device-plugin';
export { OnlineDeployment, type OnlineDeploymentProps } from './online-endpoint/online-deployment';
export { OnlineEndpoint, type OnlineEndpointProps } from './online-endpoint/online-endpoint';
export type { IOnlineEndpoint } from './online-endpoint/online-endpoint-reference';
export type { ProvidedKeys } from './tls-and-keys/provided-keys';
export { PublicAddress } from './aks/public-address';
export { ModelVersion, type ModelVersionProps } from './model/model-version';
export {
  RegisteredModel,
  type IRegisteredModel,
  type RegisteredModelAttributes,
  type RegisteredModelProps,
} from './model/registered-model';
export {
  ScoringCluster,
  type IScoringCluster,
  type ScoringClusterAttributes,
  type ScoringClusterProps,
} from './aks/scoring-cluster';
export { ScoringCode, ScoringCodeError, type ScoringCodeProps } from './online-endpoint/scoring-code';
export {
  ScoringEnvironment,
  type IScoringEnvironment,
  type ScoringEnvironmentProps,
} from './online-endpoint/scoring-environment';
export type { ScoringRoutes } from './online-endpoint/scoring-routes';
export { ScoringImage, type ScoringImageAttributes, type ScoringImageProps } from './image/scoring-image';
export type { IScoringImage } from './image/scoring-image-reference';
export {
  SmokeTest,
  type SmokeTestBaseline,
  type SmokeTestLatencyBudget,
  type SmokeTestOptions,
  type SmokeTestProps,
  type SmokeTestWarmCalls,
} from './smoke-test/smoke-test';
export type { SmokeTestExpectation } from './smoke-test/smoke-test-expectation';
export type { SmokeTestImage } from './smoke-test/smoke-test-samples';
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
} from './tls-and-keys/ssl-settings';
export { TerraformData, type TerraformDataConfig } from './terraform/terraform-data';
export type { IWebservice, WebserviceEndpoint, WebserviceRollout } from './webservice/webservice';
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
} from './workspace/workspace';
export type { WorkspaceConfigProps } from './workspace/workspace-config';
export { WorkspaceAsset } from './workspace/workspace-asset';
export { WorkspaceFiles } from './workspace/workspace-files';
