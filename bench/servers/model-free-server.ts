import {
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';

import { GrpcStatus } from '../../dist/lib/errors/grpc-status';
import { serviceDefinition } from '../../dist/lib/wire/proto/load';
import type { ServiceDefinition } from '../../dist/lib/wire/proto/method-definition';
import type { PredictRequest__Output } from '../../dist/lib/wire/proto/types/tensorflow/serving/PredictRequest';
import type { PredictResponse } from '../../dist/lib/wire/proto/types/tensorflow/serving/PredictResponse';
import { describeKeyProblem, KeyCheck } from '../../dist/lib/serving/key-check';
import { ServerTransport } from '../../dist/lib/server/transport/server-transport';
import { StatusError } from '../../dist/lib/server/status-error';
import { answerToProto, imagesFromProto } from '../../dist/lib/wire/tensor-proto';

/** First message of the parent process. The response is `{ port }`. */
export interface ServerOrder {
  /** Our transport, the server of grpc-js, or a handler of node:http2 with the minimum of gRPC. */
  readonly kind: 'ours' | 'grpc-js' | 'node:http2';
  readonly certificate: string;
  readonly privateKey: string;
  readonly key: string;
}

const HOST = '127.0.0.1';
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Decodes the images of the request and responds like a classifier with 1000 classes, but without a model. */
function predict(request: PredictRequest__Output): PredictResponse {
  const images = imagesFromProto(request.inputs.images);
  const data = new Float32Array(images.length * 1000).fill(0.001);
  return { outputs: { output_alias: answerToProto({ shape: [images.length, 1000], data }) } };
}

async function serveByOurs(order: ServerOrder, service: ServiceDefinition, keys: KeyCheck): Promise<number> {
  const transport = new ServerTransport({
    tls: order,
    maxMessageBytes: () => MAX_MESSAGE_BYTES,
    admit: (call) => {
      requireKey(keys, call.headers.authorization);
      return nothing;
    },
    onCallEnd: nothing,
  });
  transport.addService(service, { Predict: predict });
  return transport.listen(HOST, 0);
}

function serveByGrpcJs(order: ServerOrder, service: ServiceDefinition, keys: KeyCheck): Promise<number> {
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  server.addService(service, {
    Predict: (
      call: ServerUnaryCall<PredictRequest__Output, PredictResponse>,
      done: sendUnaryData<PredictResponse>,
    ) => {
      try {
        requireKey(keys, call.metadata.get('authorization')[0]?.toString());
        done(null, predict(call.request));
      } catch (error) {
        // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- two enumerations of the same numbers
        const code: status = error instanceof StatusError ? (error.status as number) : status.INTERNAL;
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

/** Minimal server with node:http2: ignores the images and always returns the same bytes. */
function serveByHttp2(order: ServerOrder, service: ServiceDefinition): Promise<number> {
  const settings = { initialWindowSize: 4 * 1024 * 1024 };
  const server = createSecureServer({ cert: order.certificate, key: order.privateKey, settings });
  const data = new Float32Array(1000).fill(0.001);
  const message = service.Predict.responseSerialize({
    outputs: { output_alias: answerToProto({ shape: [1, 1000], data }) },
  });
  const framed = Buffer.concat([Buffer.alloc(5), message]);
  framed.writeUInt32BE(message.length, 1);
  server.on('session', (session: ServerHttp2Session) => {
    session.setLocalWindowSize(4 * 1024 * 1024);
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const status = headers.authorization === order.key ? '0' : '16';
    stream.resume();
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ 'grpc-status': status });
      });
      stream.end(framed);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, HOST, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

// The measuring process has ended.
process.once('disconnect', () => process.exit());
process.once('message', (order: ServerOrder) => {
  const service = serviceDefinition('tensorflow.serving.PredictionService');
  const keys = new KeyCheck({ primaryKey: order.key, secondaryKey: order.key }, 'bearer-or-bare');
  const serve = { ours: serveByOurs, 'grpc-js': serveByGrpcJs, 'node:http2': serveByHttp2 }[order.kind];
  void serve(order, service, keys).then((port) => process.send?.({ port }));
});

function nothing(): void {
  // Without limits and logs, which belong to the scoring server.
}

function requireKey(keys: KeyCheck, authorization: string | undefined): void {
  const problem = keys.check(authorization);
  if (problem) {
    throw new StatusError(
      GrpcStatus.UNAUTHENTICATED,
      describeKeyProblem(problem, '"authorization" metadata'),
    );
  }
}
