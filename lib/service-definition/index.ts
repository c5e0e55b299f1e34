export { BrainwaveModel, type BrainwaveModelShape } from './brainwave-model';
export {
  ServiceDefinition,
  type ServiceDefinitionFromZipOptions,
  type ServiceDefinitionProps,
} from './service-definition';
export { ServiceDefinitionError, type ServiceDefinitionContent } from './service-definition-content';
export {
  ChannelOrder,
  ImageLayout,
  JpegDecoding,
  ResizeMethod,
  SoftwareModel,
  Stage,
  type BrainwaveStageProps,
  type ImageStageProps,
  type ModelStageProps,
  type SavedModelStageProps,
  type SoftwareModelProps,
} from './stage';
export type { ZipLimits } from './zip-archive';
export { readServiceDefinition } from './zip-reader';
export { writeServiceDefinition } from './zip-writer';
