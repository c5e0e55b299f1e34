import type { ServiceDefinition } from '../wire/proto/method-definition';
import { GrpcStatus as status } from '../errors/grpc-status';
import { serviceDefinition } from '../wire/proto/load';
import type { FileDescriptors } from '../wire/proto/file-descriptors';
import type { ServerReflectionRequest__Output } from '../wire/proto/types/grpc/reflection/v1/ServerReflectionRequest';
import type { ServerReflectionResponse } from '../wire/proto/types/grpc/reflection/v1/ServerReflectionResponse';

const FILES = [
  'grpc/health/v1/health.proto',
  'grpc/reflection/v1/reflection.proto',
  'tensorflow_serving/apis/model_service.proto',
  'tensorflow_serving/apis/prediction_service.proto',
];

const SERVICES = [
  'grpc.health.v1.Health',
  'grpc.reflection.v1.ServerReflection',
  'tensorflow.serving.ModelService',
  'tensorflow.serving.PredictionService',
];

/** Returns the service under its current name and its former name (`v1alpha`), which many clients still use. */
export function reflectionDefinitions(): ServiceDefinition[] {
  const definition = serviceDefinition('grpc.reflection.v1.ServerReflection');
  const former = Object.entries(definition).map(([name, method]) => [
    name,
    { ...method, path: method.path.replace('.v1.', '.v1alpha.') },
  ]);
  return [definition, Object.fromEntries(former) as ServiceDefinition];
}

/** Implements `grpc.reflection.v1.ServerReflection`: describes the services, methods and messages. */
export class ReflectionHandlers {
  private parsed: FileDescriptors | undefined;

  readonly ServerReflectionInfo = (
    requests: AsyncIterable<ServerReflectionRequest__Output>,
  ): AsyncIterable<ServerReflectionResponse> => this.answers(requests);

  private async *answers(
    requests: AsyncIterable<ServerReflectionRequest__Output>,
  ): AsyncGenerator<ServerReflectionResponse> {
    for await (const request of requests) {
      yield { validHost: request.host, originalRequest: request, ...this.answer(request) };
    }
  }

  private answer(request: ServerReflectionRequest__Output): ServerReflectionResponse {
    switch (request.messageRequest) {
      case 'listServices':
        return { listServicesResponse: { service: SERVICES.map((name) => ({ name })) } };
      case 'fileByFilename':
        return this.file(request.fileByFilename, this.descriptors.has(request.fileByFilename ?? ''));
      case 'fileContainingSymbol': {
        const symbol = request.fileContainingSymbol ?? '';
        const name = this.descriptors.fileOf(symbol);
        return this.file(name ?? symbol, name !== undefined);
      }
      case 'allExtensionNumbersOfType': {
        const type = request.allExtensionNumbersOfType ?? '';
        // proto3 has no extensions.
        return this.descriptors.fileOf(type) === undefined
          ? notFound(`unknown type "${type}"`)
          : { allExtensionNumbersResponse: { baseTypeName: type, extensionNumber: [] } };
      }
      case 'fileContainingExtension':
        return notFound('this server has no extensions');
      default:
        return failure(status.INVALID_ARGUMENT, 'the request is empty; set one of its fields');
    }
  }

  private file(name = '', found: boolean): ServerReflectionResponse {
    return found
      ? {
          fileDescriptorResponse: {
            fileDescriptorProto: this.descriptors.withImports(name).map((file) => Buffer.from(file)),
          },
        }
      : notFound(`unknown file or symbol "${name}"`);
  }

  /** Parsed on first use, because few servers ever need them. */
  private get descriptors(): FileDescriptors {
    if (this.parsed === undefined) {
      // Reflection is off by default, and parsing proto files needs more of protobufjs than the calls do.
      const descriptors =
        require('../wire/proto/file-descriptors') as typeof import('../wire/proto/file-descriptors');
      this.parsed = new descriptors.FileDescriptors(FILES);
    }
    return this.parsed;
  }
}

function notFound(message: string): ServerReflectionResponse {
  return failure(status.NOT_FOUND, message);
}

function failure(errorCode: status, errorMessage: string): ServerReflectionResponse {
  return { errorResponse: { errorCode, errorMessage } };
}
