export { GrpcStatus } from '../errors/grpc-status';
