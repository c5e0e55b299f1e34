export { tritonRepository } from './triton-repository';
export { TritonRepositoryError } from './triton-repository-error';
