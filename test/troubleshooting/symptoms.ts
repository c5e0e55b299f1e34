import http from 'node:http';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';

import { status as GrpcStatus } from '@grpc/grpc-js';

import {
  closedPort,
  metadataOf,
  probabilities,
  startGrpcPeer,
  startHttp2Peer,
  startPeer,
  type Answers,
  type GrpcPeerOptions,
} from '../client/peers';
import { createAuthority, issueCertificate, type CertificateOptions } from '../support/certificates';
import { filteredPort } from '../support/filtered-port';

/** A service that is broken in one way, and how it is called. */
export interface BrokenService {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** @default 'grpc' */
  readonly protocol?: 'http';
  /** PEM: what the caller trusts. */
  readonly rootCertificate?: string;
  readonly key?: string;
  /** What only the smoke test knows of: the client sees nothing wrong. */
  readonly expected?: Expected;
  close(): Promise<void>;
}

/** What a smoke test expects of a service besides that it serves. */
export interface Expected {
  readonly address?: string;
  /** PEM: the certificate that was deployed. */
  readonly certificate?: string;
  readonly label?: string;
  readonly modelVersion?: string;
  /** Milliseconds that half of the calls may take. */
  readonly p50Ms?: number;
}

const DAY = 86_400_000;
const RIGHT_KEY = 'right-key-of-the-service';

/** What a service answers that is in order. */
const inOrder: Answers = {
  predict: probabilities(0.1, 0.7, 0.2),
  metadata: metadataOf({ images: 'DT_STRING' }),
  status: (_, answer) => {
    answer(null, { modelVersionStatus: [{ version: 1, state: 'AVAILABLE' }] });
  },
  health: (_, answer) => {
    answer(null, { status: 'SERVING' });
  },
};

/** Every way of being broken that the troubleshooting page has a row for, by the row's name. */
export const symptoms: Readonly<Record<string, () => Promise<BrokenService>>> = {
  'closed port': async () => nothing(await closedPort()),
  'filtered port': async () => {
    const filtered = await filteredPort();
    return { ...(await nothing(filtered.port)), close: () => filtered.close() };
  },
  'unknown name': async () => ({ ...(await nothing(443)), host: 'scoring.invalid', tls: true }),
  'proxy that refuses': async () => {
    const server = http.createServer();
    server.on('connect', (_, socket: Socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    });
    const proxy = await startPeer(server);
    process.env.grpc_proxy = `http://${proxy.address}`;
    return {
      ...(await nothing(8080)),
      host: 'scoring.example',
      close: () => {
        delete process.env.grpc_proxy;
        return proxy.close();
      },
    };
  },
  'wrong address in DNS': async () => ({
    ...(await serving(inOrder)),
    // A name that this machine's resolver knows without asking anybody.
    host: hostname(),
    expected: { address: '203.0.113.9' },
  }),
  'self-signed certificate': () => certified({ names: ['127.0.0.1'] }),
  'untrusted authority': () => certified({ names: ['127.0.0.1'] }, { issued: true, trusted: false }),
  'expired certificate': () =>
    certified(
      {
        names: ['127.0.0.1'],
        notBefore: new Date(Date.now() - 60 * DAY),
        notAfter: new Date(Date.now() - 30 * DAY),
      },
      { issued: true },
    ),
  'certificate not yet valid': () =>
    certified(
      {
        names: ['127.0.0.1'],
        notBefore: new Date(Date.now() + 30 * DAY),
        notAfter: new Date(Date.now() + 60 * DAY),
      },
      { issued: true },
    ),
  'certificate for other names': () => certified({ names: ['scoring.example'] }, { issued: true }),
  'IP address as a DNS name': () => certified({ names: ['127.0.0.1'], kinds: ['dns'] }, { issued: true }),
  'common name alone': () => certified({ commonName: '127.0.0.1' }, { issued: true }),
  'client certificate required': () =>
    certified({ names: ['127.0.0.1'] }, { issued: true, clientCertificate: true }),
  'certificate not the deployed one': async () => {
    const { certificate } = await issueCertificate({ names: ['127.0.0.1'], notBefore: new Date() });
    return { ...(await certified({ names: ['127.0.0.1'] }, { issued: true })), expected: { certificate } };
  },
  'TLS to a plaintext port': async () => ({ ...(await serving(inOrder)), tls: true }),
  'plaintext to a TLS port': async () => ({ ...(await certified({ names: ['127.0.0.1'] })), tls: false }),
  'HTTP/1 server': async () => of(await startPeer(http.createServer((_, response) => response.end()))),
  'web page of a proxy': async () =>
    of(
      await startHttp2Peer(
        { ':status': 200, 'content-type': 'text/html' },
        `<!DOCTYPE html><html><body>${'hello '.repeat(20)}</body></html>`,
      ),
    ),
  'redirect of an endpoint': async () => ({
    ...of(
      await startPeer(
        http.createServer((_, response) =>
          response.writeHead(302, { location: 'https://login.example/authorize?state=1' }).end(),
        ),
      ),
    ),
    protocol: 'http',
  }),
  ...Object.fromEntries(
    [401, 403, 404, 429, 502, 503].map((status) => [
      `HTTP ${status} of a gateway`,
      async () =>
        of(await startHttp2Peer({ ':status': status, 'content-type': 'text/html' }, '<html></html>')),
    ]),
  ),
  'no key': () => guarded(undefined),
  'wrong key': () => guarded('another-key'),
  'keys that are not checked': async () => ({
    ...(await certified({ names: ['127.0.0.1'] }, { issued: true })),
    key: RIGHT_KEY,
    expected: {},
  }),
  'unknown service': () => serving({}),
  'model is loading': () =>
    serving({
      health: (_, answer) => {
        answer(null, { status: 'NOT_SERVING' });
      },
      predict: (_, answer) => {
        answer({ code: GrpcStatus.UNAVAILABLE, details: 'the model is loading' });
      },
    }),
  'another model version': async () => ({ ...(await serving(inOrder)), expected: { modelVersion: '2' } }),
  'wrong answer': async () => ({ ...(await serving(inOrder)), expected: { label: 'tabby cat' } }),
  'slow answer': async () => ({ ...(await serving(inOrder)), expected: { label: 'tiger cat', p50Ms: 1e-6 } }),
};

/** The names of the classes that the services score. */
export const LABELS = ['goldfish', 'tiger cat', 'tabby cat'];

function nothing(port: number): Promise<BrokenService> {
  return Promise.resolve({ host: '127.0.0.1', port, tls: false, close: () => Promise.resolve() });
}

function of(peer: { port: number; close(): Promise<void> }): BrokenService {
  return { host: '127.0.0.1', port: peer.port, tls: false, close: () => peer.close() };
}

async function serving(answers: Answers, options?: GrpcPeerOptions): Promise<BrokenService> {
  return of(await startGrpcPeer(answers, options));
}

async function certified(
  options: CertificateOptions,
  {
    issued = false,
    trusted = issued,
    clientCertificate = false,
    answers = inOrder,
  }: { issued?: boolean; trusted?: boolean; clientCertificate?: boolean; answers?: Answers } = {},
): Promise<BrokenService> {
  const authority = await createAuthority({ name: 'Test Root' });
  const certificate = await issueCertificate({ ...options, ...(issued && { issuer: authority }) });
  const service = await serving(answers, {
    certificate,
    ...(clientCertificate && { clientRoot: authority.root }),
  });
  return { ...service, tls: true, ...(trusted && { rootCertificate: authority.root }) };
}

/** Refuses calls as the scoring server does, whose health anybody may ask for. */
function guarded(key: string | undefined): Promise<BrokenService> {
  const refusing =
    <Request, Response>(
      handler: ((call: Request, answer: Response) => void) | undefined,
    ): ((call: Request, answer: Response) => void) =>
    (call, answer) => {
      const [given] = (call as { metadata: { get(name: string): unknown[] } }).metadata.get('authorization');
      if (given === RIGHT_KEY) {
        handler?.(call, answer);
      } else {
        const details =
          given === undefined
            ? 'the call has no key; send the primary or the secondary key as "authorization" metadata'
            : 'the key is invalid; send the primary or the secondary key of this service';
        (answer as (error: unknown) => void)({ code: GrpcStatus.UNAUTHENTICATED, details });
      }
    };
  return certified(
    { names: ['127.0.0.1'] },
    {
      issued: true,
      answers: {
        ...inOrder,
        predict: refusing(inOrder.predict),
        metadata: refusing(inOrder.metadata),
        status: refusing(inOrder.status),
      },
    },
  ).then((service) => ({ ...service, ...(key !== undefined && { key }) }));
}
