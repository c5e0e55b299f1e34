import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { ApiKeyCheck, type ApiKeyPair } from '../server/api-keys';
import { FailedAttempts, type FailedAttemptsOptions } from '../server/failed-attempts';
import { ListenError } from '../server/listen-error';
import type { Log } from '../server/log';
import { tlsPolicy } from '../server/tls-policy';
import { messageOf } from '../errors/message-of';

/** How long the rest of a body that is refused is read and thrown away, so that its sender reads the answer. */
const DISCARD_MS = 10_000;
/** How long calls in flight may go on when the server stops. */
const DRAIN_MS = 30_000;
/** The inference server refuses a longer one. */
const REQUEST_ID_LIMIT = 100;
/** Headers of one connection, and the key, which is not the script's business. */
const NOT_FORWARDED = [
  ...['authorization', 'connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-authorization'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
];

/** PEM. */
export interface TlsMaterial {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What may change while it serves. */
export interface ScoringFrontSettings {
  /** The inference server's Unix socket. */
  readonly socketPath: string;
  /** @default - plain HTTP */
  readonly tls?: TlsMaterial | undefined;
  /** @default - anybody may call */
  readonly keys?: ApiKeyPair | undefined;
  /** Bytes that a request's body may have. */
  readonly maxRequestBytes: number;
  /**
   * How callers are slowed who come without a right key; from the start on.
   * @default - as the scoring server does it
   */
  readonly failedAttempts?: FailedAttemptsOptions | undefined;
}

/**
 * The HTTP server in front of an entry script: checks the key, limits the body, gives every request an id and
 * forwards it. `GET /` answers without a key whether the script serves.
 */
export class ScoringFront {
  private readonly server: HttpServer | HttpsServer;
  private readonly failedAttempts: FailedAttempts;
  private keyCheck: ApiKeyCheck | undefined;

  private constructor(
    private settings: ScoringFrontSettings,
    private readonly log: Log,
  ) {
    const { tls } = settings;
    this.server = tls
      ? createHttpsServer({ ...tlsPolicy, cert: tls.certificate, key: tls.privateKey })
      : createHttpServer();
    this.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.serve(request, response);
    });
    // A client that asks before it sends a large body is answered before it has sent it.
    this.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      void this.serve(request, response, () => {
        response.writeContinue();
      });
    });
    this.failedAttempts = new FailedAttempts(settings.failedAttempts);
    this.keyCheck = settings.keys && new ApiKeyCheck(settings.keys);
  }

  /** @throws ListenError */
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
    return front;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Takes other settings from the next request on; TLS must stay on, or off. */
  change(settings: ScoringFrontSettings): void {
    const { tls, keys } = settings;
    if (tls && 'setSecureContext' in this.server) {
      this.server.setSecureContext({ ...tlsPolicy, cert: tls.certificate, key: tls.privateKey });
    }
    this.settings = settings;
    this.keyCheck = keys && new ApiKeyCheck(keys);
  }

  /** Takes no more requests and lets those in flight end. */
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
      await this.forward(request, id, body, response);
    } catch (error) {
      this.fail(error, id, request, response);
    }
  }

  /** Answers a request that goes no further. */
  private async admits(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const isHealth = request.method === 'GET' && request.url === '/';
    const problem = isHealth ? undefined : this.keyProblem(request.headers.authorization);
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
    problem: string,
  ): Promise<void> {
    const peer = request.socket.remoteAddress ?? '';
    const { attempts, delayMs, hangUp, begins } = this.failedAttempts.count(peer);
    if (begins) {
      this.log.warn({ peer, attempts }, 'calls without a right key are answered late from now on');
    }
    if (hangUp) {
      request.destroy();
      return;
    }
    if (delayMs > 0) {
      await delay(delayMs);
    }
    response.setHeader('www-authenticate', 'Bearer');
    refuse(request, response, 401, problem);
  }

  private keyProblem(authorization: string | undefined): string | undefined {
    if (!this.keyCheck) {
      return undefined;
    }
    const key = /^Bearer +(.*)$/i.exec(authorization ?? '')?.[1];
    if (key === undefined || key === '') {
      return 'the request carries no key; send the primary or the secondary key as "Authorization: Bearer <key>"';
    }
    return this.keyCheck.opens(key)
      ? undefined
      : 'the key is wrong; it is neither the primary nor the secondary key of this endpoint';
  }

  private refuseBody(request: IncomingMessage, response: ServerResponse): void {
    const limit = this.settings.maxRequestBytes;
    const message = `the body has more than ${limit} bytes; send fewer rows, or raise maxRequestBytes`;
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
        // A client that has gone needs no answer.
        forwarded.destroy();
        resolve();
      });
      forwarded.end(body);
    });
  }

  private fail(error: unknown, id: string, request: IncomingMessage, response: ServerResponse): void {
    if (request.destroyed && !request.complete) {
      // The client broke off.
      response.destroy();
      return;
    }
    const reason = messageOf(error);
    this.log.error({ requestId: id, reason }, 'the inference server did not answer');
    if (response.headersSent) {
      response.destroy();
    } else {
      const message = 'the inference server broke off; try again, and look in the log if this repeats';
      response.end(head(response, 502, message));
    }
  }
}

function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && given !== '' && given.length <= REQUEST_ID_LIMIT ? given : randomUUID();
}

/** @returns `undefined` where it has more bytes than it may */
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

/**
 * Answers a request whose body may still be on its way. The rest is read for a while and thrown away before the
 * answer ends: a connection that is closed while its client still sends is reset, and the client never reads the
 * answer.
 */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  response.write(head(response, status, message));
  request.on('error', ignore);
  if (request.complete || request.headers.expect !== undefined) {
    response.end();
    return;
  }
  const end = () => {
    clearTimeout(cut);
    response.end();
  };
  const cut = setTimeout(end, DISCARD_MS);
  request.once('end', end).once('close', end);
  request.resume();
}

function forwardedHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_FORWARDED.includes(name)));
}

/** @returns the body, to be sent */
function head(response: ServerResponse, status: number, message: string): Buffer {
  const body = Buffer.from(`${JSON.stringify({ message })}\n`);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  return body;
}

function ignore(): void {
  // Nobody is left to be told.
}
