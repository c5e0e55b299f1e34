import http2, { type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';

import { status } from '@grpc/grpc-js';

import { messageType } from '../../../lib/wire/proto/load';
import type {
  PredictRequest,
  PredictRequest__Output,
} from '../../../lib/wire/proto/types/tensorflow/serving/PredictRequest';

/** What came back for one request. */
export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly resetCode: number;
}

/** A request whose parts a test sends when it wants to. */
export interface RawCall {
  readonly stream: ClientHttp2Stream;
  readonly answer: Promise<RawAnswer>;
}

export const PREDICT_PATH = '/tensorflow.serving.PredictionService/Predict';
export const HEALTH_PATH = '/grpc.health.v1.Health/Check';

/** HTTP/2 as it stands on the wire, without a gRPC library. */
export class RawClient {
  private readonly session: ClientHttp2Session;

  constructor(port: number) {
    this.session = http2.connect(`http://127.0.0.1:${port}`);
    this.session.on('error', () => undefined);
  }

  begin(path: string, headers: http2.OutgoingHttpHeaders = {}): RawCall {
    const stream = this.session.request(
      {
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...headers,
      },
      // What has a body is for the test to say, whatever the method.
      { endStream: false },
    );
    let received: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    stream.on('response', (got) => {
      received = got;
    });
    stream.on('trailers', (got: IncomingHttpHeaders) => {
      trailers = got;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined);
    const answer = new Promise<RawAnswer>((resolve) => {
      stream.on('close', () => {
        resolve({ headers: received, trailers, body: Buffer.concat(chunks), resetCode: stream.rstCode });
      });
    });
    return { stream, answer };
  }

  /** Sends a request with these bytes as its body. */
  async send(path: string, body: Uint8Array, headers: http2.OutgoingHttpHeaders = {}): Promise<RawAnswer> {
    const { stream, answer } = this.begin(path, headers);
    stream.end(body);
    return answer;
  }

  /** Waits until the server has announced the end of the connection. */
  async goaway(): Promise<void> {
    await new Promise((resolve) => this.session.once('goaway', resolve));
  }

  /** Waits until the connection is closed. */
  async closed(): Promise<void> {
    if (!this.session.destroyed) {
      await new Promise((resolve) => this.session.once('close', resolve));
    }
  }

  close(): void {
    this.session.destroy();
  }
}

const codes = Object.values(status).filter((code): code is status => typeof code === 'number');

/** The status of an answer, wherever it stands: a call that ends with its headers has no trailers. */
export function statusOf({ headers, trailers }: RawAnswer): { code: status | undefined; message: string } {
  const source = trailers['grpc-status'] === undefined ? headers : trailers;
  return {
    code: codes.find((code) => String(code) === source['grpc-status']),
    message: decodeURIComponent(String(source['grpc-message'] ?? '')),
  };
}

/** A message with its prefix. */
export function framed(message: Uint8Array, compressed = false): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = compressed ? 1 : 0;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

export function encodePredict(request: PredictRequest): Buffer {
  return messageType<PredictRequest, PredictRequest__Output>('tensorflow.serving.PredictRequest').serialize(
    request,
  );
}
