export { buildContext, buildContextFiles, type BuildContextOptions } from './build-context';
export { ContainerError } from './container-error';
export { DEFAULT_BASE_IMAGE } from './dockerfile';
export * from '../contract/image-layout';
