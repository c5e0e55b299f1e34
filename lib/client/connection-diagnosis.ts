import { readFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import net from 'node:net';
import tls from 'node:tls';

import type { Address } from './address';
import {
  describeCertificate,
  describeSession,
  type ServedCertificate,
  type TlsSession,
} from './served-certificate';
import type { TlsSettings } from './prediction-client-options';

/** Where to connect, and how. */
export interface ConnectionTarget {
  readonly address: Address;
  /** The name on the certificate. */
  readonly serverName: string;
  /** Undefined for plaintext. */
  readonly tls?: TlsSettings;
  /**
   * What is spoken over the connection.
   * @default 'h2', as gRPC needs it
   */
  readonly application?: 'h2' | 'http/1.1';
}

/** How far a connection came before it failed. */
export type ConnectionStage = 'TCP connection' | 'TLS handshake' | 'HTTP/2 handshake';

/** What a fresh connection found. */
export type ConnectionDiagnosis =
  /** Nothing is wrong with the connection: a server speaks HTTP with us. `session` is what TLS agreed on. */
  | { readonly kind: 'ready'; readonly session?: TlsSession }
  | { readonly kind: 'name-not-found'; readonly detail: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'timed-out'; readonly stage: ConnectionStage; readonly afterMs: number }
  | { readonly kind: 'closed'; readonly stage: ConnectionStage }
  /** The certificate is not to be trusted. `verifyCode` is OpenSSL's name of the reason. */
  | { readonly kind: 'certificate'; readonly verifyCode: string; readonly certificate: ServedCertificate }
  | { readonly kind: 'client-certificate'; readonly given: boolean; readonly detail: string }
  | { readonly kind: 'handshake'; readonly detail: string }
  /** We spoke TLS, the server does not. */
  | { readonly kind: 'plaintext-server'; readonly protocol: PlaintextProtocol }
  /** We spoke plaintext, the server speaks TLS. */
  | { readonly kind: 'tls-server' }
  /** A server that does not speak HTTP/2. `greeting` is the first line that it said, if it said one. */
  | { readonly kind: 'not-http2'; readonly greeting: string };

type PlaintextProtocol = 'HTTP/2' | 'another protocol';

/**
 * Finds out with a connection of its own why calls cannot connect. grpc-js reports nearly every failure as
 * UNAVAILABLE with some text, and a wait for readiness hides even that.
 */
export async function diagnoseConnection(
  target: ConnectionTarget,
  timeoutMs: number,
): Promise<ConnectionDiagnosis> {
  const deadline = Date.now() + timeoutMs;
  const opened = await openTcp(target.address, deadline);
  if ('kind' in opened) {
    return opened;
  }
  return target.tls
    ? diagnoseTls(opened, target, target.tls, deadline)
    : diagnosePlaintext(opened, target, deadline);
}

async function openTcp({ host, port }: Address, deadline: number): Promise<net.Socket | ConnectionDiagnosis> {
  const started = Date.now();
  try {
    await lookup(host);
  } catch (error) {
    return { kind: 'name-not-found', detail: codeOf(error) };
  }
  const socket = net.connect({ host, port });
  const event = await nextEvent(socket, ['connect'], deadline);
  switch (event.kind) {
    case 'connect':
      return socket;
    case 'timeout':
      return { kind: 'timed-out', stage: 'TCP connection', afterMs: Date.now() - started };
    default: {
      const code = event.kind === 'error' ? codeOf(event.error) : 'ECONNRESET';
      if (code === 'ECONNREFUSED') return { kind: 'refused' };
      if (code === 'ECONNRESET') return { kind: 'closed', stage: 'TCP connection' };
      if (code === 'ETIMEDOUT') {
        return { kind: 'timed-out', stage: 'TCP connection', afterMs: Date.now() - started };
      }
      return { kind: 'unreachable', detail: code };
    }
  }
}

async function diagnoseTls(
  socket: net.Socket,
  target: ConnectionTarget,
  settings: TlsSettings,
  deadline: number,
): Promise<ConnectionDiagnosis> {
  const started = Date.now();
  const secure = startTls(socket, target.serverName, settings, target.application);
  const event = await nextEvent(secure, ['secureConnect'], deadline);
  if (event.kind === 'timeout') {
    return { kind: 'timed-out', stage: 'TLS handshake', afterMs: Date.now() - started };
  }
  if (event.kind === 'error') {
    return diagnoseHandshakeError(event.error, target, settings, deadline);
  }
  if (event.kind !== 'secureConnect') {
    return { kind: 'closed', stage: 'TLS handshake' };
  }
  if (!secure.authorized) {
    const verifyCode = String(secure.authorizationError);
    const certificate = describeCertificate(secure.getPeerCertificate());
    secure.destroy();
    return { kind: 'certificate', verifyCode, certificate };
  }
  const session = describeSession(secure);
  if (target.application === 'http/1.1') {
    secure.destroy();
    return { kind: 'ready', session };
  }
  const answer = await shakeHandsOverHttp2(secure, deadline);
  return answer.kind === 'error'
    ? diagnoseHandshakeError(answer.error, target, settings, deadline)
    : answer.kind === 'ready'
      ? { kind: 'ready', session }
      : answer;
}

async function diagnoseHandshakeError(
  error: Error,
  target: ConnectionTarget,
  settings: TlsSettings,
  deadline: number,
): Promise<ConnectionDiagnosis> {
  const code = codeOf(error);
  if (
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE|BAD_RECORD_TYPE/.test(code)
  ) {
    return diagnosePlaintextServer(target, deadline);
  }
  if (code.includes('NO_APPLICATION_PROTOCOL')) {
    return { kind: 'not-http2', greeting: '' };
  }
  if (
    /CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_CERTIFICATE|SSLV3_ALERT_HANDSHAKE_FAILURE/.test(
      code,
    )
  ) {
    return { kind: 'client-certificate', given: settings.certificateChain !== undefined, detail: code };
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return { kind: 'closed', stage: 'TLS handshake' };
  }
  return { kind: 'handshake', detail: code };
}

/** The server answered TLS with something else: with what? */
async function diagnosePlaintextServer(
  target: ConnectionTarget,
  deadline: number,
): Promise<ConnectionDiagnosis> {
  const opened = await openTcp(target.address, deadline);
  const answer = 'kind' in opened ? opened : await shakeHandsOverHttp2(opened, deadline);
  return answer.kind === 'not-http2'
    ? answer
    : { kind: 'plaintext-server', protocol: answer.kind === 'ready' ? 'HTTP/2' : 'another protocol' };
}

async function diagnosePlaintext(
  socket: net.Socket,
  target: ConnectionTarget,
  deadline: number,
): Promise<ConnectionDiagnosis> {
  if (target.application === 'http/1.1') {
    socket.destroy();
    return { kind: 'ready' };
  }
  const answer = await shakeHandsOverHttp2(socket, deadline);
  const silent = answer.kind === 'error' || answer.kind === 'closed';
  if (silent && (await speaksTls(target, deadline))) {
    return { kind: 'tls-server' };
  }
  return answer.kind === 'error' ? { kind: 'closed', stage: 'HTTP/2 handshake' } : answer;
}

async function speaksTls({ address, serverName }: ConnectionTarget, deadline: number): Promise<boolean> {
  const opened = await openTcp(address, deadline);
  if ('kind' in opened) {
    return false;
  }
  const secure = startTls(opened, serverName, {});
  const event = await nextEvent(secure, ['secureConnect'], deadline);
  secure.destroy();
  // An alert is an answer in TLS, too.
  return event.kind === 'secureConnect' || (event.kind === 'error' && codeOf(event.error).includes('ALERT'));
}

function startTls(
  socket: net.Socket,
  serverName: string,
  settings: TlsSettings,
  application: ConnectionTarget['application'] = 'h2',
): tls.TLSSocket {
  return tls.connect({
    socket,
    host: serverName,
    ...(net.isIP(serverName) === 0 && { servername: serverName }),
    ca: settings.rootCertificates ?? defaultRoots(),
    cert: settings.certificateChain,
    key: settings.privateKey,
    ALPNProtocols: [application],
    // The point is to see the certificate that calls refuse. Nothing is sent to this server but greetings.
    rejectUnauthorized: false,
  });
}

// As grpc-js does it: the variable is read when the module is loaded.
const defaultRootsFile = process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;

function defaultRoots(): Buffer | undefined {
  return defaultRootsFile ? readFileSync(defaultRootsFile) : undefined;
}

// RFC 9113, section 3.4: a client's first words, and an empty SETTINGS frame.
const http2Greeting = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const settingsFrame = 4;
const goAwayFrame = 7;
const tlsAlert = 0x15;

async function shakeHandsOverHttp2(
  socket: net.Socket,
  deadline: number,
): Promise<ConnectionDiagnosis | SocketError> {
  const started = Date.now();
  socket.write(http2Greeting);
  const event = await nextEvent(socket, ['data'], deadline);
  socket.destroy();
  switch (event.kind) {
    case 'timeout':
      return { kind: 'timed-out', stage: 'HTTP/2 handshake', afterMs: Date.now() - started };
    case 'error':
      return event;
    case 'data':
      return readGreeting(event.bytes);
    default:
      return { kind: 'closed', stage: 'HTTP/2 handshake' };
  }
}

function readGreeting(bytes: Buffer): ConnectionDiagnosis {
  if (bytes[0] === tlsAlert && bytes[1] === 3) {
    return { kind: 'tls-server' };
  }
  const frame = bytes[3];
  // A frame's type follows its length, whose first byte is 0 in these short ones.
  if (bytes[0] === 0 && (frame === settingsFrame || frame === goAwayFrame)) {
    return { kind: 'ready' };
  }
  const [line = ''] = bytes.toString('latin1').split(/\r?\n/);
  return { kind: 'not-http2', greeting: line.replace(/[^\x20-\x7e]/g, '?').slice(0, 80) };
}

interface SocketError {
  readonly kind: 'error';
  readonly error: Error;
}

type SocketEvent =
  | { readonly kind: 'connect' | 'secureConnect' | 'close' | 'timeout' }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | SocketError;

/** The first of the given events, an error, the end, or the deadline; the latter three destroy the socket. */
function nextEvent(
  socket: net.Socket,
  events: ('connect' | 'secureConnect' | 'data')[],
  deadline: number,
): Promise<SocketEvent> {
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => {
        settle({ kind: 'timeout' });
      },
      Math.max(deadline - Date.now(), 1),
    );
    const settle = (event: SocketEvent) => {
      clearTimeout(timer);
      if (!['connect', 'secureConnect', 'data'].includes(event.kind)) {
        socket.destroy();
      }
      resolve(event);
    };
    for (const event of events) {
      socket.once(event, (bytes?: Buffer) => {
        settle(event === 'data' ? { kind: 'data', bytes: bytes ?? Buffer.alloc(0) } : { kind: event });
      });
    }
    // Stays on: an error that nobody hears ends the process.
    socket.on('error', (error) => {
      settle({ kind: 'error', error });
    });
    socket.once('close', () => {
      settle({ kind: 'close' });
    });
    socket.once('end', () => {
      settle({ kind: 'close' });
    });
  });
}

function codeOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: readonly unknown[] };
  // A name with several addresses fails with one error an address.
  return errors?.length ? codeOf(errors[0]) : (code ?? message);
}
