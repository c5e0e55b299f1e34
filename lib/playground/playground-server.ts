import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { InvalidInputError } from '../errors/prediction-errors';
import { PACKAGE_FOLDER } from '../files/package-folder';
import type { MetricsFeed } from './metrics-feed';
import type { PredictionAnswer, PredictionResult, StatusAnswer } from './protocol';
import { findRefusal } from './request-guard';
import { asProblem, type ServiceConnection } from './service-connection';

export interface PlaygroundOptions {
  readonly service: ServiceConnection;
  readonly metrics: MetricsFeed;
  /** @default 0, which lets the system choose one */
  readonly port?: number | undefined;
  /** Called with an error that has no message for users. */
  readonly onDefect: (error: unknown) => void;
}

/** Default limit of {@link PredictionClient} for a message. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** The sources of the page. */
const PAGE_FOLDER = path.join(PACKAGE_FOLDER, 'lib/playground/page');

/** Files of the page by their name in the address. The browser runs them as they are. */
const ASSETS: ReadonlyMap<string, { readonly file: string; readonly type: string }> = new Map([
  ['', { file: page('index.html'), type: 'text/html; charset=utf-8' }],
  ['icon.svg', { file: page('icon.svg'), type: 'image/svg+xml' }],
  ['playground.css', { file: page('playground.css'), type: 'text/css; charset=utf-8' }],
  ...[
    'main',
    'announcer',
    'charts',
    'elements',
    'history',
    'result',
    'server',
    'service-panel',
    'thumbnail',
  ].map(
    (name) => [`${name}.mjs`, { file: page(`${name}.mjs`), type: 'text/javascript; charset=utf-8' }] as const,
  ),
  ['uplot.css', { file: require.resolve('uplot/dist/uPlot.min.css'), type: 'text/css; charset=utf-8' }],
  ['uplot.mjs', { file: require.resolve('uplot/dist/uPlot.esm.js'), type: 'text/javascript; charset=utf-8' }],
]);

function page(name: string): string {
  return path.join(PAGE_FOLDER, name);
}

/** The page loads nothing from other sites, runs only its own files, and cannot be put into a frame. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/**
 * Serves the playground on the loopback interface and calls the service for it. The page sends images and gets classes; the key
 * stays in this process.
 */
export class PlaygroundServer {
  /** @throws an error with code EADDRINUSE if the port is in use */
  static async start(options: PlaygroundOptions): Promise<PlaygroundServer> {
    const server = createServer();
    server.listen({ host: '127.0.0.1', port: options.port ?? 0 });
    await once(server, 'listening');
    return new PlaygroundServer(server, options);
  }

  private readonly token = randomBytes(24).toString('base64url');
  private readonly port: number;

  private constructor(
    private readonly server: Server,
    private readonly options: PlaygroundOptions,
  ) {
    this.port = (server.address() as AddressInfo).port;
    server.on('request', (request, response) => {
      this.respond(request, response).catch((error: unknown) => {
        options.onDefect(error);
        response.destroy();
      });
    });
  }

  /** Address of the page. Contains the token that admits its visitor. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/${this.token}/`;
  }

  /** Ends the connections of all pages. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = findRefusal(request, this.token, this.port);
    if (refusal) {
      send(response, refusal.status, 'text/plain; charset=utf-8', `${refusal.reason}\n`);
      return;
    }
    const name = (request.url ?? '').slice(this.token.length + 2).replace(/\?.*$/, '');
    const asset = ASSETS.get(name);
    switch (`${request.method ?? ''} ${asset ? 'asset' : name}`) {
      case 'GET asset':
        send(response, 200, asset?.type ?? '', readFileSync(asset?.file ?? ''));
        return;
      case 'GET api/status':
        sendJson(response, await this.status());
        return;
      case 'POST api/image':
        await this.predict(request, response, (body, signal) =>
          this.options.service.scoreImage(body, { signal }),
        );
        return;
      case 'POST api/array':
        await this.predict(request, response, (body, signal) =>
          this.options.service.scoreArray(body.toString('utf8'), { signal }),
        );
        return;
      default:
        send(response, 404, 'text/plain; charset=utf-8', 'not found\n');
    }
  }

  private async status(): Promise<StatusAnswer> {
    const [service, metrics] = await Promise.all([
      this.options.service.status(),
      this.options.metrics.status(),
    ]);
    return { service, metrics };
  }

  private async predict(
    request: IncomingMessage,
    response: ServerResponse,
    score: (body: Buffer, signal: AbortSignal) => Promise<PredictionResult>,
  ): Promise<void> {
    const left = new AbortController();
    response.on('close', () => {
      left.abort();
    });
    const answer = await readBody(request)
      .then((body) => score(body, left.signal))
      .catch((error: unknown): PredictionAnswer => ({ problem: asProblem(error) }));
    if (!left.signal.aborted) {
      sendJson(response, answer);
    }
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is read and dropped: a browser reports a connection that is closed early as a network failure.
    if (size <= MAX_BODY_BYTES) {
      chunks.push(chunk);
    }
  }
  if (size > MAX_BODY_BYTES) {
    throw new InvalidInputError(
      `got a file of ${size.toLocaleString('en')} bytes, expected at most ${MAX_BODY_BYTES.toLocaleString('en')}`,
      { remedy: 'choose a smaller image' },
    );
  }
  return Buffer.concat(chunks);
}

function sendJson(response: ServerResponse, answer: StatusAnswer | PredictionAnswer): void {
  send(response, 200, 'application/json', JSON.stringify(answer));
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
