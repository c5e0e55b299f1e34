import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import {
  connect as connectTls,
  type ConnectionOptions,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';

import type { Address } from './address';
import { greet, type Application, type GreetingAnswer, type GreetingStage } from './greeting';
import { describeSession, type TlsSession } from './served-certificate';
import { codeOf, nextEvent, type SocketFailure } from './socket-event';
import { openTcp, type TcpConnection } from './tcp-connection';
import type { OptionNames } from '../validation/option-names';

/** Certificates and keys for a TLS connection, as PEM. */
export interface TlsSettings {
  /** Trusted root certificates. */
  readonly rootCertificates?: Buffer | undefined;
  /** Client certificate and its intermediates. */
  readonly certificateChain?: Buffer | undefined;
  /** Private key of the client certificate. */
  readonly privateKey?: Buffer | undefined;
}

/** Options of a connection that its errors name. */
export type ConnectionOption = 'serverName' | 'plaintext' | 'rootCertificates' | 'clientCertificate';

/** Address and protocol to connect with. */
export interface ConnectionTarget {
  readonly address: Address;
  /** Host name to verify the certificate against. */
  readonly serverName: string;
  /** Undefined for plaintext. */
  readonly tls?: TlsSettings | undefined;
  /** Application protocol. gRPC requires `h2`. */
  readonly application: Application;
  /** Where the user sets the options. */
  readonly names: OptionNames<ConnectionOption>;
}

/** Stage at which a connection failed. */
export type ConnectionStage = 'name look-up' | 'TCP connection' | 'TLS handshake' | GreetingStage;

/** Result of a diagnosis. */
export type ConnectionDiagnosis = Finding & {
  /** Addresses of the host name. Absent if an address was given or the name does not resolve. */
  readonly addresses?: readonly string[] | undefined;
};

type Finding =
  /** The connection works and the server speaks the requested protocol. `session` is the TLS session. */
  | { readonly kind: 'ready'; readonly session?: TlsSession | undefined }
  | Exclude<TcpConnection, { kind: 'connected' }>
  | { readonly kind: 'timed-out'; readonly stage: ConnectionStage; readonly afterMs: number }
  | { readonly kind: 'closed'; readonly stage: ConnectionStage }
  /** The certificate is not trusted. `verifyCode` is OpenSSL's code for the reason. */
  | { readonly kind: 'certificate'; readonly verifyCode: string; readonly session: TlsSession }
  | { readonly kind: 'client-certificate'; readonly given: boolean; readonly detail: string }
  | { readonly kind: 'handshake'; readonly detail: string }
  /** The client uses TLS, the server does not. */
  | { readonly kind: 'plaintext-server'; readonly protocol: string }
  /** The server uses TLS, the client does not. */
  | { readonly kind: 'tls-server' }
  /** The server does not speak the requested version of HTTP. `said` is the first line of its response, if any. */
  | { readonly kind: 'other-protocol'; readonly said: string };

/**
 * Determines why calls cannot connect by opening a separate connection, which sends only protocol greetings.
 */
export async function diagnoseConnection(
  target: ConnectionTarget,
  timeoutMs: number,
): Promise<ConnectionDiagnosis> {
  const deadline = Date.now() + timeoutMs;
  const opened = await openTcp(target, deadline);
  if (opened.kind !== 'connected') {
    return opened;
  }
  const { socket, reached } = opened;
  const found = target.tls
    ? await diagnoseTls(socket, target, target.tls, deadline)
    : await diagnosePlaintext(socket, target, deadline);
  return {
    ...found,
    addresses: reached === undefined ? undefined : [reached],
  };
}

async function diagnoseTls(
  socket: Socket,
  target: ConnectionTarget,
  settings: TlsSettings,
  deadline: number,
): Promise<Finding> {
  const started = Date.now();
  const secure = startUnverifiedTls(socket, target, settings);
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
  const session = describeSession(secure);
  if (!secure.authorized) {
    const verifyCode = String(secure.authorizationError);
    secure.destroy();
    return session
      ? { kind: 'certificate', verifyCode, session }
      : { kind: 'handshake', detail: `no certificate: ${verifyCode}` };
  }
  // In TLS 1.3 a client completes its handshake before the server has verified the client certificate.
  const answer = await greet(secure, target.application, deadline);
  switch (answer.kind) {
    case 'error':
      return diagnoseHandshakeError(answer.error, target, settings, deadline);
    case 'ready':
      return { kind: 'ready', session };
    default:
      return answer;
  }
}

async function diagnoseHandshakeError(
  error: Error,
  target: ConnectionTarget,
  settings: TlsSettings,
  deadline: number,
): Promise<Finding> {
  const code = codeOf(error);
  if (
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE|BAD_RECORD_TYPE/.test(code)
  ) {
    return diagnosePlaintextServer(target, deadline);
  }
  if (code.includes('NO_APPLICATION_PROTOCOL')) {
    return { kind: 'other-protocol', said: '' };
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

/** Determines what a server speaks that responded to TLS with something else. */
async function diagnosePlaintextServer(target: ConnectionTarget, deadline: number): Promise<Finding> {
  const answer = await greetAgain(target, deadline);
  if (answer?.kind === 'other-protocol') {
    return answer;
  }
  const spoken = target.application === 'h2' ? 'HTTP/2' : 'HTTP/1.1';
  return { kind: 'plaintext-server', protocol: answer?.kind === 'ready' ? spoken : 'another protocol' };
}

async function greetAgain(
  target: ConnectionTarget,
  deadline: number,
): Promise<GreetingAnswer | SocketFailure | undefined> {
  const opened = await openTcp(target, deadline);
  return opened.kind === 'connected' ? greet(opened.socket, target.application, deadline) : undefined;
}

async function diagnosePlaintext(
  socket: Socket,
  target: ConnectionTarget,
  deadline: number,
): Promise<Finding> {
  const answer = await greet(socket, target.application, deadline);
  // TLS servers close the connection or respond with a plaintext "bad request".
  const puzzled =
    answer.kind === 'error' ||
    answer.kind === 'closed' ||
    ('said' in answer && /^HTTP\/1\.\d 400/.test(answer.said));
  if (puzzled && (await speaksTls(target, deadline))) {
    return { kind: 'tls-server' };
  }
  switch (answer.kind) {
    case 'error':
      return { kind: 'closed', stage: target.application === 'h2' ? 'HTTP/2 handshake' : 'HTTP request' };
    case 'ready':
      return { kind: 'ready' };
    default:
      return answer;
  }
}

async function speaksTls(target: ConnectionTarget, deadline: number): Promise<boolean> {
  const opened = await openTcp(target, deadline);
  if (opened.kind !== 'connected') {
    return false;
  }
  const secure = startUnverifiedTls(opened.socket, target, {});
  const event = await nextEvent(secure, ['secureConnect'], deadline);
  secure.destroy();
  // An alert is a TLS response, too.
  return event.kind === 'secureConnect' || (event.kind === 'error' && codeOf(event.error).includes('ALERT'));
}

/** Starts TLS to a service, whose certificate must cover the name. */
export function startTls(
  socket: Socket,
  serverName: string,
  application: Application,
  options: ConnectionOptions,
): TLSSocket {
  return connectTls({
    socket,
    host: serverName,
    // SNI does not permit addresses (RFC 6066, section 3).
    ...(isIP(serverName) === 0 && { servername: serverName }),
    ALPNProtocols: [application],
    ...options,
  });
}

/**
 * Returns the certificates and keys of a TLS connection.
 * @throws NodeJS.ErrnoException if the file in `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH` cannot be read
 */
export function tlsContextOptions(settings: TlsSettings, application: Application): SecureContextOptions {
  return {
    ca: settings.rootCertificates ?? (application === 'h2' ? defaultRoots() : undefined),
    cert: settings.certificateChain,
    key: settings.privateKey,
  };
}

/** Starts TLS to see the certificate that calls reject. A diagnosis sends nothing but protocol greetings to this server. */
function startUnverifiedTls(socket: Socket, target: ConnectionTarget, settings: TlsSettings): TLSSocket {
  const { serverName, application } = target;
  return startTls(socket, serverName, application, {
    ...tlsContextOptions(settings, application),
    rejectUnauthorized: false,
  });
}

// Like grpc-js, this reads the variable when the module is loaded.
const defaultRootsFile = process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;

function defaultRoots(): Buffer | undefined {
  return defaultRootsFile ? readFileSync(defaultRootsFile) : undefined;
}
