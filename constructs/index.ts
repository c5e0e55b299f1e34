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
  ApiKeys,
  type ApiKeysConfiguration,
  type GeneratedApiKeysProps,
  type KeyVaultApiKeysConfiguration,
  type KeyVaultApiKeysProps,
  type VariableApiKeysProps,
} from './api-keys';
export { BrainwaveWebservice, type BrainwaveWebserviceProps } from './brainwave-webservice';
export type { ICompute, WebserviceSpecification } from './compute';
export { ConstructError } from './construct-error';
export type { WebserviceAttributes } from './imported-webservice';
export type { KeyVaultSecretReference } from './key-vault-secret-reference';
export { LocalCompute, type LocalComputeProps } from './local-compute';
export { LocalWorkspace, type LocalWorkspaceProps } from './local-workspace';
export {
  RegisteredModel,
  type IRegisteredModel,
  type RegisteredModelAttributes,
  type RegisteredModelProps,
} from './registered-model';
export { SmokeTest, type SmokeTestExpectation, type SmokeTestProps } from './smoke-test';
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
export type { IWebservice, WebserviceEndpoint } from './webservice';
export type { AzureWorkspace, IWorkspace, ModelRegistration, RegisteredModelLocation } from './workspace';
