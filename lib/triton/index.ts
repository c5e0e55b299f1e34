export { tritonRepository, TritonRepositoryError } from './triton-repository';
