import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import net from 'node:net';

import { afterwards } from '../../support/cleanup';

/** A response over HTTP/1.1. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON. */
  readonly json: unknown;
}

export interface HttpRequestOptions {
  /** @default - POST with a body, GET without */
  readonly verb?: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** An object is sent as JSON. */
  readonly body?: Uint8Array | object;
  /** Certificate to trust. @default - plaintext */
  readonly trust?: string;
}

/** Sends a request over HTTP/1.1, on a connection of its own. */
export function http(
  port: number,
  path: string,
  { verb, headers = {}, body, trust }: HttpRequestOptions = {},
): Promise<HttpResponse> {
  const bytes = body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
  const options = {
    ...{ port, path, headers, host: '127.0.0.1', agent: false },
    method: verb ?? (bytes ? 'POST' : 'GET'),
  };
  const request =
    trust === undefined
      ? httpRequest(options)
      : httpsRequest({ ...options, ca: trust, servername: 'scoring.localhost' });
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const received = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: received,
          get json() {
            return JSON.parse(received.toString()) as unknown;
          },
        });
      });
    });
    request.end(bytes);
  });
}

/** A connection on which a test writes what it likes. */
export class RawSocket {
  readonly socket: net.Socket;
  /** Everything that arrived until the connection was closed. */
  readonly received: Promise<string>;

  constructor(port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => undefined);
    const chunks: Buffer[] = [];
    this.socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    this.received = new Promise((resolve) =>
      this.socket.on('close', () => {
        resolve(Buffer.concat(chunks).toString('latin1'));
      }),
    );
    afterwards(() => this.socket.destroy());
  }
}
