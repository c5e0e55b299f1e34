import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { messageOf } from '../errors/brainwave-error';
import { GrpcStatus } from '../errors/grpc-status';
import { GRPC_STATUS_OF_HTTP } from '../errors/http-status';
import { findNumpyValue } from './numpy-value';
import { AccessControl, type AccessSettings } from '../serving/access-control';
import { describeKeyProblem, type KeyProblem } from '../serving/key-check';
import type { Log } from '../serving/log';
import { ListenError } from '../serving/serving-errors';
import { secureContextOptions } from '../serving/tls-policy';
import { endAfterRequest } from '../serving/unread-request';
import { certificateExpiry } from '../telemetry/certificate-expiry';
import { ServerMetrics } from '../telemetry/server-metrics';

/** Time for calls in flight to end when the server stops. */
const DRAIN_MS = 30_000;
/** Maximum length of a request id; the inference server rejects longer ones. */
const REQUEST_ID_LIMIT = 100;
/** Headers that are not forwarded: those of a single connection, and the key, which the script must not see. */
const NOT_FORWARDED = [
  ...['authorization', 'connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-authorization'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
];

/** Paths that the inference server has, besides its health check. */
const PATHS: ReadonlySet<string> = new Set(['/score', '/swagger.json']);

/** Settings that can change while the front is running. */
export interface ScoringFrontSettings extends AccessSettings {
  /** The inference server's Unix socket. */
  readonly socketPath: string;
  /** Maximum size of a request body, in bytes. */
  readonly maxRequestBytes: number;
}

/**
 * HTTP server in front of an entry script: checks the key, limits the size of the body, assigns an id to every request
 * and forwards it. `GET /` is a health check and needs no key.
 */
export class ScoringFront {
  readonly metrics = new ServerMetrics(PATHS, {
    callsInFlight: () => this.callsInFlight,
    callsInFlightLimit: () => undefined,
    queueLength: () => undefined,
    certificateExpiry: () => this.expiry,
  });
  private readonly server: HttpServer | HttpsServer;
  private readonly access: AccessControl;
  private callsInFlight = 0;
  private expiry: number | undefined;

  private constructor(
    private settings: ScoringFrontSettings,
    private readonly log: Log,
  ) {
    const { tls } = settings;
    this.server = tls ? createHttpsServer(secureContextOptions(tls)) : createHttpServer();
    this.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.serve(request, response);
    });
    // A client that sends `Expect: 100-continue` receives a rejection before it sends a large body.
    this.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      void this.serve(request, response, () => {
        response.writeContinue();
      });
    });
    // As on Azure, which does not accept bare keys.
    this.access = new AccessControl(settings, 'bearer', log, () => {
      this.metrics.countRefusedKey();
    });
    this.expiry = tls && certificateExpiry(tls.certificate);
  }

  /** @throws ListenError if the server cannot listen on the address */
  static async listen(
    address: string,
    port: number,
    settings: ScoringFrontSettings,
    log: Log,
  ): Promise<ScoringFront> {
    const front = new ScoringFront(settings, log);
    await new Promise<void>((resolve, reject) => {
      front.server.once('error', (error: NodeJS.ErrnoException) => {
        reject(ListenError.from(error, address, port));
      });
      front.server.listen(port, address, resolve);
    });
    front.access.logListening(address, front.port);
    return front;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Applies new settings to later requests. TLS cannot be enabled or disabled. */
  change(settings: ScoringFrontSettings): void {
    if (settings.tls && 'setSecureContext' in this.server) {
      this.server.setSecureContext(secureContextOptions(settings.tls));
    }
    this.settings = settings;
    this.access.change(settings);
    this.expiry = settings.tls && certificateExpiry(settings.tls.certificate);
  }

  /** Rejects new requests and waits for requests in flight. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeIdleConnections();
    const cut = setTimeout(() => {
      this.server.closeAllConnections();
    }, DRAIN_MS);
    await closed;
    clearTimeout(cut);
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    acceptBody: () => void = ignore,
  ): Promise<void> {
    const id = requestId(request);
    response.setHeader('x-request-id', id);
    response.on('error', ignore);
    if (!isHealthCheck(request)) {
      this.measure(request, response);
    }
    try {
      if (!(await this.admits(request, response))) {
        return;
      }
      acceptBody();
      const body = await readBody(request, this.settings.maxRequestBytes);
      if (body === undefined) {
        this.refuseBody(request, response);
        return;
      }
      const numpyType = isJsonRequest(request) ? findNumpyValue(body) : undefined;
      if (numpyType !== undefined) {
        const message = `the body is not JSON: it contains a numpy value, ${numpyType}(…); convert arrays with tolist() and write the body with json.dumps`;
        refuse(request, response, 400, message);
        return;
      }
      await this.forward(request, id, body, response);
    } catch (error) {
      this.fail(error, id, request, response);
    }
  }

  /** Counts a call from its headers to the end of its response. */
  private measure({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const startedAt = performance.now();
    this.callsInFlight += 1;
    response.once('close', () => {
      this.callsInFlight -= 1;
      const [path = ''] = url.split('?', 1);
      this.metrics.countCall(path, GrpcStatus[statusOf(response)], performance.now() - startedAt);
    });
  }

  /** @returns whether to continue; otherwise the response has been sent */
  private async admits(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const problem = isHealthCheck(request) ? undefined : this.access.check(request.headers.authorization);
    if (problem !== undefined) {
      await this.refuseKey(request, response, problem);
      return false;
    }
    if (Number(request.headers['content-length'] ?? 0) > this.settings.maxRequestBytes) {
      this.refuseBody(request, response);
      return false;
    }
    return true;
  }

  private async refuseKey(
    request: IncomingMessage,
    response: ServerResponse,
    problem: KeyProblem,
  ): Promise<void> {
    const peer = request.socket.remoteAddress ?? '';
    if (await this.access.throttle({ peer, hangUp: () => request.destroy() })) {
      response.setHeader('www-authenticate', 'Bearer');
      refuse(request, response, 401, describeKeyProblem(problem, '"Authorization: Bearer <key>"'));
    }
  }

  private refuseBody(request: IncomingMessage, response: ServerResponse): void {
    const limit = this.settings.maxRequestBytes;
    const message = `the body has more than ${limit} bytes; send fewer rows or raise maxRequestBytes`;
    refuse(request, response, 413, message);
  }

  private forward(
    { method, url, headers }: IncomingMessage,
    id: string,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const forwarded = httpRequest(
        {
          socketPath: this.settings.socketPath,
          method,
          path: url,
          headers: {
            ...forwardedHeaders(headers),
            host: 'localhost',
            'x-request-id': id,
            'content-length': body.length,
          },
        },
        (answered) => {
          response.writeHead(answered.statusCode ?? 502, {
            ...forwardedHeaders(answered.headers),
            'x-request-id': id,
          });
          answered.pipe(response);
          answered.once('error', reject);
          response.once('close', resolve);
        },
      );
      forwarded.once('error', reject);
      response.once('close', () => {
        // The client has disconnected and needs no response.
        forwarded.destroy();
        resolve();
      });
      forwarded.end(body);
    });
  }

  private fail(error: unknown, id: string, request: IncomingMessage, response: ServerResponse): void {
    if (request.destroyed && !request.complete) {
      // The client aborted the request.
      response.destroy();
      return;
    }
    const reason = messageOf(error);
    this.log.error({ requestId: id, reason }, 'the inference server did not respond');
    if (response.headersSent) {
      response.destroy(new Error(reason));
    } else {
      const message =
        'the inference server closed the connection; retry, and check the log if this happens again';
      response.end(head(response, 502, message));
    }
  }
}

function isHealthCheck({ method, url }: IncomingMessage): boolean {
  return method === 'GET' && url === '/';
}

/** Returns the gRPC status that the end of a response corresponds to, which alerts and dashboards know. */
function statusOf(response: ServerResponse): GrpcStatus {
  const { statusCode } = response;
  if (!response.writableFinished) {
    return response.errored ? GrpcStatus.UNAVAILABLE : GrpcStatus.CANCELLED;
  }
  if (statusCode < 400) {
    return GrpcStatus.OK;
  }
  if (statusCode === 502) {
    return GrpcStatus.UNAVAILABLE;
  }
  return (
    GRPC_STATUS_OF_HTTP[statusCode] ?? (statusCode < 500 ? GrpcStatus.INVALID_ARGUMENT : GrpcStatus.INTERNAL)
  );
}

function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && given !== '' && given.length <= REQUEST_ID_LIMIT ? given : randomUUID();
}

function isJsonRequest({ headers }: IncomingMessage): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '');
}

/** @returns `undefined` if the body exceeds the limit */
async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) {
        request.off('data', onData);
        resolve(undefined);
      } else {
        chunks.push(chunk);
      }
    };
    request.on('data', onData);
    request.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.once('error', reject);
  });
}

/** Responds to a request whose body may still be in transit. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  response.write(head(response, status, message));
  request.on('error', ignore);
  endAfterRequest(request, response, request.headers.expect !== undefined);
}

function forwardedHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_FORWARDED.includes(name)));
}

/** @returns the response body */
function head(response: ServerResponse, status: number, message: string): Buffer {
  const body = Buffer.from(`${JSON.stringify({ message })}\n`);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  return body;
}

function ignore(): void {
  // The connection is gone, so there is no one to notify.
}
