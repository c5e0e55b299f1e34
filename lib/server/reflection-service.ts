import type { ServiceDefinition } from '../wire/proto/method-definition';
import { GrpcStatus as status } from '../errors/grpc-status';
import { serviceDefinition } from '../wire/proto/load';
import { isProtoFile, protoFileOf, withImports } from '../wire/proto/file-descriptors';
import type { ServerReflectionRequest__Output } from '../wire/proto/types/grpc/reflection/v1/ServerReflectionRequest';
import type { ServerReflectionResponse } from '../wire/proto/types/grpc/reflection/v1/ServerReflectionResponse';

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
        return fileResponse(request.fileByFilename, isProtoFile(request.fileByFilename ?? ''));
      case 'fileContainingSymbol': {
        const symbol = request.fileContainingSymbol ?? '';
        const name = protoFileOf(symbol);
        return fileResponse(name ?? symbol, name !== undefined);
      }
      case 'allExtensionNumbersOfType': {
        const type = request.allExtensionNumbersOfType ?? '';
        // proto3 has no extensions.
        return protoFileOf(type) === undefined
          ? notFound(`unknown type "${type}"`)
          : { allExtensionNumbersResponse: { baseTypeName: type, extensionNumber: [] } };
      }
      case 'fileContainingExtension':
        return notFound('this server has no extensions');
      default:
        return failure(status.INVALID_ARGUMENT, 'the request is empty; set one of its fields');
    }
  }
}

function fileResponse(name = '', found: boolean): ServerReflectionResponse {
  return found
    ? { fileDescriptorResponse: { fileDescriptorProto: withImports(name) } }
    : notFound(`unknown file or symbol "${name}"`);
}

function notFound(message: string): ServerReflectionResponse {
  return failure(status.NOT_FOUND, message);
}

function failure(errorCode: status, errorMessage: string): ServerReflectionResponse {
  return { errorResponse: { errorCode, errorMessage } };
}
