import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';

import { serviceDefinition } from '../dist/lib/proto/load';
import type { PredictRequest__Output } from '../dist/lib/proto/types/tensorflow/serving/PredictRequest';
import type { PredictResponse } from '../dist/lib/proto/types/tensorflow/serving/PredictResponse';
import { ApiKeyCheck } from '../dist/lib/server/api-keys';
import { GrpcTransport } from '../dist/lib/server/grpc-transport';
import { StatusError } from '../dist/lib/server/status-error';
import { imagesFromProto, tensorToProto } from '../dist/lib/tensor/tensor-proto';

/** What the parent process sends first. The answer is `{ port }`. */
export interface ServerOrder {
  readonly transport: 'node:http2' | 'grpc-js';
  readonly certificate: string;
  readonly privateKey: string;
  readonly key: string;
}

const HOST = '127.0.0.1';
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Reads the images out of the request and answers what a classifier of 1000 classes would: all but the model. */
function predict(request: PredictRequest__Output): PredictResponse {
  const images = imagesFromProto(request.inputs.images);
  const data = new Float32Array(images.length * 1000).fill(0.001);
  return { outputs: { output_alias: tensorToProto({ shape: [images.length, 1000], data }) } };
}

async function serveByHttp2(
  order: ServerOrder,
  service: ServiceDefinition,
  keys: ApiKeyCheck,
): Promise<number> {
  const transport = new GrpcTransport({
    tls: order,
    maxMessageBytes: () => MAX_MESSAGE_BYTES,
    admit: (call) => {
      requireNone(keys.refusal(call.headers.authorization));
      return nothing;
    },
    onCallEnd: nothing,
  });
  transport.addService(service, { Predict: predict });
  return transport.listen(HOST, 0);
}

function serveByGrpcJs(order: ServerOrder, service: ServiceDefinition, keys: ApiKeyCheck): Promise<number> {
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  server.addService(service, {
    Predict: (
      call: ServerUnaryCall<PredictRequest__Output, PredictResponse>,
      done: sendUnaryData<PredictResponse>,
    ) => {
      try {
        requireNone(keys.refusal(call.metadata.get('authorization')[0]?.toString()));
        done(null, predict(call.request));
      } catch (error) {
        const code = error instanceof StatusError ? error.status : status.INTERNAL;
        done({ code, details: (error as Error).message });
      }
    },
  });
  const pair = { cert_chain: Buffer.from(order.certificate), private_key: Buffer.from(order.privateKey) };
  return new Promise((resolve, reject) => {
    server.bindAsync(`${HOST}:0`, ServerCredentials.createSsl(null, [pair]), (error, port) => {
      if (error) {
        reject(error);
      } else {
        resolve(port);
      }
    });
  });
}

process.once('message', (order: ServerOrder) => {
  const service = serviceDefinition('tensorflow.serving.PredictionService');
  const keys = new ApiKeyCheck({ primaryKey: order.key, secondaryKey: order.key });
  const serve = order.transport === 'grpc-js' ? serveByGrpcJs : serveByHttp2;
  void serve(order, service, keys).then((port) => process.send?.({ port }));
});

function nothing(): void {
  // Neither counts nor logs: both are the scoring server's.
}

function requireNone(refusal: StatusError | undefined): void {
  if (refusal) {
    throw refusal;
  }
}
