import http2 from 'node:http2';
import net from 'node:net';

import {
  Server,
  ServerCredentials,
  type handleUnaryCall,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js';

import { messageType, serviceDefinition } from '../../lib/wire/proto/load';
import type { HealthCheckRequest__Output } from '../../lib/wire/proto/types/grpc/health/v1/HealthCheckRequest';
import type { HealthCheckResponse } from '../../lib/wire/proto/types/grpc/health/v1/HealthCheckResponse';
import type { GetModelMetadataRequest__Output } from '../../lib/wire/proto/types/tensorflow/serving/GetModelMetadataRequest';
import type { GetModelMetadataResponse } from '../../lib/wire/proto/types/tensorflow/serving/GetModelMetadataResponse';
import type { GetModelStatusRequest__Output } from '../../lib/wire/proto/types/tensorflow/serving/GetModelStatusRequest';
import type { GetModelStatusResponse } from '../../lib/wire/proto/types/tensorflow/serving/GetModelStatusResponse';
import type { PredictRequest__Output } from '../../lib/wire/proto/types/tensorflow/serving/PredictRequest';
import type { PredictResponse } from '../../lib/wire/proto/types/tensorflow/serving/PredictResponse';
import type {
  SignatureDefMap,
  SignatureDefMap__Output,
} from '../../lib/wire/proto/types/tensorflow/serving/SignatureDefMap';
import { tensorToProto } from '../../lib/wire/tensor-proto';
import type { IssuedCertificate } from '../support/certificates';

/** A server that a test started, on 127.0.0.1. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

type Handler<Request, Response> = (
  call: ServerUnaryCall<Request, Response>,
  answer: sendUnaryData<Response>,
) => void;

/** What a test's gRPC server answers; what is left out is UNIMPLEMENTED. */
export interface Answers {
  readonly predict?: Handler<PredictRequest__Output, PredictResponse>;
  readonly metadata?: Handler<GetModelMetadataRequest__Output, GetModelMetadataResponse>;
  readonly status?: Handler<GetModelStatusRequest__Output, GetModelStatusResponse>;
  readonly health?: Handler<HealthCheckRequest__Output, HealthCheckResponse>;
}

export interface GrpcPeerOptions {
  readonly certificate?: IssuedCertificate;
  /** PEM: ask clients for a certificate of this authority. */
  readonly clientRoot?: string;
  /** @default 0, a free one */
  readonly port?: number;
}

/** Starts a gRPC server of grpc-js, another implementation than the project's own. */
export async function startGrpcPeer(answers: Answers, options: GrpcPeerOptions = {}): Promise<Peer> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  add(server, 'tensorflow.serving.PredictionService', {
    Predict: answers.predict,
    GetModelMetadata: answers.metadata,
  });
  add(server, 'tensorflow.serving.ModelService', { GetModelStatus: answers.status });
  add(server, 'grpc.health.v1.Health', { Check: answers.health });
  const { certificate, clientRoot } = options;
  const credentials = certificate
    ? ServerCredentials.createSsl(
        clientRoot === undefined ? null : Buffer.from(clientRoot),
        [{ cert_chain: Buffer.from(certificate.chain), private_key: Buffer.from(certificate.privateKey) }],
        clientRoot !== undefined,
      )
    : ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) => {
      if (error) {
        reject(error);
      } else {
        resolve(bound);
      }
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    port,
    close: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

/** Starts anything that listens like a TCP server: `node:net`, `node:tls`, `node:http`. */
export async function startPeer(server: net.Server): Promise<Peer> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}

/** Starts a plaintext HTTP/2 server that answers every request like this, as a gateway does. */
export function startHttp2Peer(headers: http2.OutgoingHttpHeaders, body: string): Promise<Peer> {
  const server = http2.createServer();
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond(headers);
    stream.end(body);
  });
  return startPeer(server);
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const peer = await startPeer(net.createServer());
  await peer.close();
  return peer.port;
}

/** Answers with these probabilities for each image. */
export function probabilities(...values: number[]): Required<Answers>['predict'] {
  return (call, answer) => {
    const count = call.request.inputs.images.stringVal.length;
    const data = new Float32Array(Array.from({ length: count }, () => values).flat());
    answer(null, { outputs: { output_alias: tensorToProto({ shape: [count, values.length], data }) } });
  };
}

/** Answers with the metadata of a model that takes this. */
export function metadataOf(inputs: Record<string, 'DT_FLOAT' | 'DT_STRING'>): Required<Answers>['metadata'] {
  const value = messageType<SignatureDefMap, SignatureDefMap__Output>(
    'tensorflow.serving.SignatureDefMap',
  ).serialize({
    signatureDef: {
      serving_default: {
        inputs: Object.fromEntries(
          Object.entries(inputs).map(([name, dtype]) => [
            name,
            { name, dtype, tensorShape: { dim: [{ size: -1 }] } },
          ]),
        ),
        outputs: {
          output_alias: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: -1 }, { size: 3 }] } },
        },
      },
    },
  });
  return (_, answer) => {
    answer(null, {
      modelSpec: { name: 'sample', version: { value: 3 } },
      metadata: {
        signature_def: { type_url: 'type.googleapis.com/tensorflow.serving.SignatureDefMap', value },
      },
    });
  };
}

function add(server: Server, name: string, handlers: Record<string, unknown>): void {
  const given = Object.entries(handlers).filter(([, handler]) => handler !== undefined);
  server.addService(
    serviceDefinition(name),
    Object.fromEntries(given as [string, handleUnaryCall<unknown, unknown>][]),
  );
}
