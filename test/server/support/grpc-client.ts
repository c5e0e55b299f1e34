import {
  compressionAlgorithms,
  credentials,
  makeGenericClientConstructor,
  Metadata,
  status,
  type CallOptions,
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';

import { serviceDefinition } from '../../../lib/wire/proto/load';
import type { PredictRequest } from '../../../lib/wire/proto/types/tensorflow/serving/PredictRequest';
import type { PredictResponse__Output } from '../../../lib/wire/proto/types/tensorflow/serving/PredictResponse';
import { imagesToProto, tensorFromProto, tensorToProto } from '../../../lib/wire/tensor-proto';

/** How a call ended, and with what. */
export interface Outcome<Response> {
  readonly code: status;
  /** `OK`, `INVALID_ARGUMENT`, … */
  readonly status: string;
  readonly details: string;
  readonly response?: Response;
  /** The answer's headers. */
  readonly headers: Metadata;
}

export interface GrpcClientOptions {
  /** PEM; plaintext without it. */
  readonly root?: string;
  readonly key?: string;
  /** Another value of `authorization` than the bare key. */
  readonly authorization?: string;
  /** Compress what is sent. */
  readonly gzip?: true;
}

/** grpc-js's client without anything of the project's around it. */
export class GrpcClient {
  private readonly clients = new Map<string, Client>();

  constructor(
    private readonly address: string,
    private readonly options: GrpcClientOptions = {},
  ) {}

  /** Calls a unary method by its full name, `tensorflow.serving.PredictionService/Predict`. */
  call<Response>(
    method: string,
    request: object,
    options: CallOptions & {
      headers?: Record<string, string>;
      onCall?: (call: ClientUnaryCall) => void;
    } = {},
  ): Promise<Outcome<Response>> {
    const { headers = {}, onCall, ...callOptions } = options;
    const definition = definitionOf(method);
    return new Promise((resolve) => {
      let received = new Metadata();
      const call = this.client(method).makeUnaryRequest(
        definition.path,
        definition.requestSerialize,
        definition.responseDeserialize as (bytes: Buffer) => Response,
        request,
        this.metadata(headers),
        { deadline: Date.now() + 30_000, ...callOptions },
        (error: ServiceError | null, response?: Response) => {
          const code = error?.code ?? status.OK;
          const details = error?.details ?? '';
          // A call that ends with its first headers has them as trailers.
          const all = error?.metadata.clone() ?? new Metadata();
          all.merge(received);
          resolve({ code, status: status[code], details, headers: all, ...(response && { response }) });
        },
      );
      call.on('metadata', (metadata) => {
        received = metadata;
      });
      onCall?.(call);
    });
  }

  predict(
    request: PredictRequest,
    options: Parameters<GrpcClient['call']>[2] = {},
  ): Promise<Outcome<PredictResponse__Output>> {
    return this.call(PREDICT, request, options);
  }

  /** Calls a method that answers with a stream. */
  stream<Response>(method: string, request: object): ClientReadableStream<Response> {
    const definition = definitionOf(method);
    return this.client(method).makeServerStreamRequest(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize as (bytes: Buffer) => Response,
      request,
      this.metadata({}),
      { deadline: Date.now() + 30_000 },
    );
  }

  close(): void {
    for (const client of this.clients.values()) {
      client.close();
    }
  }

  private metadata(headers: Record<string, string>): Metadata {
    const metadata = new Metadata();
    const authorization = this.options.authorization ?? this.options.key;
    if (authorization !== undefined) {
      metadata.set('authorization', authorization);
    }
    for (const [name, value] of Object.entries(headers)) {
      metadata.set(name, value);
    }
    return metadata;
  }

  private client(method: string): Client {
    const service = serviceOf(method);
    let client = this.clients.get(service);
    if (!client) {
      const { root, gzip } = this.options;
      const Constructor = makeGenericClientConstructor(serviceDefinition(service), service);
      client = new Constructor(
        this.address,
        root === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(root)),
        {
          'grpc.max_receive_message_length': -1,
          'grpc.max_send_message_length': -1,
          'grpc.enable_retries': 0,
          // A channel of one's own: grpc-js shares connections between clients of one address otherwise.
          'grpc.use_local_subchannel_pool': 1,
          ...(root !== undefined && { 'grpc.ssl_target_name_override': HOSTNAME }),
          ...(gzip && { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip }),
        },
      );
      this.clients.set(service, client);
    }
    return client;
  }
}

export const PREDICT = 'tensorflow.serving.PredictionService/Predict';

/** The name in the certificates of test servers; an IP address cannot be asked for in a TLS handshake. */
export const HOSTNAME = 'scoring.localhost';

/** A request of images. */
export function imageRequest(...images: Uint8Array[]): PredictRequest {
  return { inputs: { images: imagesToProto(images) } };
}

/** A request for a tiny model, of rows of three. */
export function rowRequest(...values: number[]): PredictRequest {
  return { inputs: { x: tensorToProto({ shape: [values.length / 3, 3], data: Float32Array.from(values) }) } };
}

/** The numbers of an answer. */
export function answerOf({ response }: Outcome<PredictResponse__Output>): number[] {
  const output = response?.outputs.output_alias;
  return output ? [...tensorFromProto(output).data] : [];
}

function serviceOf(method: string): string {
  return method.slice(0, method.indexOf('/'));
}

function definitionOf(method: string): ServiceDefinition[string] {
  const service = serviceDefinition(serviceOf(method));
  return service[method.slice(method.indexOf('/') + 1)];
}
