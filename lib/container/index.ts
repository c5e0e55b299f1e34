export { buildContext, buildContextFiles, type BuildContextOptions } from './build-context';
export { DEFAULT_BASE_IMAGE } from './dockerfile';
export * from '../contract/image-layout';
