export { BrainwaveModel, type BrainwaveModelShape } from './brainwave-model';
export { ServiceDefinition, type ServiceDefinitionProps } from './service-definition';
export { ServiceDefinitionError, type ServiceDefinitionContent } from './service-definition-content';
export {
  ResizeMethod,
  SoftwareModel,
  Stage,
  type BrainwaveStageProps,
  type ImageStageProps,
  type ModelStageProps,
  type SoftwareModelProps,
} from './stage';
export { readServiceDefinition, type ZipLimits } from './zip-reader';
export { writeServiceDefinition } from './zip-writer';
