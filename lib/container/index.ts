export { buildContext, buildContextFiles, type BuildContextOptions } from './build-context';
export * from '../contract/image-layout';
