import { isIP } from 'node:net';

import { status as GrpcStatus } from '@grpc/grpc-js';

import { day } from '../tls/validity';
import { formatAddress } from './address';
import type { ConnectionDiagnosis, ConnectionStage, ConnectionTarget } from './connection-diagnosis';
import {
  CertificateError,
  ConnectionFailedError,
  UnexpectedResponseError,
  type CertificateFailureReason,
  type PredictionError,
  type PredictionErrorOptions,
} from '../errors/prediction-errors';
import { describeProxy } from './proxy';
import type { ServedCertificate } from './served-certificate';

/** Whether another try may find another state, without anybody mending anything. */
export function mayPass(diagnosis: ConnectionDiagnosis): boolean {
  return ['ready', 'refused', 'unreachable', 'closed', 'timed-out', 'proxy'].includes(diagnosis.kind);
}

/**
 * The error that says what a diagnosis found and what to do about it.
 * @param transportDetail what the transport said, for a connection that broke and stands again
 */
export function connectionError(
  diagnosis: ConnectionDiagnosis,
  target: ConnectionTarget,
  transportDetail: string,
): PredictionError {
  const overHttp2 = target.application !== 'http/1.1';
  const options = (remedy: string): PredictionErrorOptions => ({
    remedy,
    ...(overHttp2 && { grpcStatus: GrpcStatus.UNAVAILABLE }),
  });
  const at = placeOf(target, diagnosis.addresses);
  const orRecord = hasRecord(target) ? ", or correct the name's DNS record" : '';
  switch (diagnosis.kind) {
    case 'ready':
      return new ConnectionFailedError(
        `the connection to ${at} broke (${transportDetail}), although a server answers there now`,
        'closed',
        options('try again, and look in its log if this repeats'),
      );
    case 'name-not-found':
      return new ConnectionFailedError(
        `the host name "${target.address.host}" has no address (${diagnosis.detail})`,
        'name-not-found',
        options(
          'check its spelling and its DNS record, wait if the record is new, or give an IP address, ' +
            "and the name as the certificate's (hostname, or --hostname)",
        ),
      );
    case 'refused':
      return new ConnectionFailedError(
        `nothing listens on ${at}: the connection was refused`,
        'refused',
        options(`start the service, or check the port${orRecord}`),
      );
    case 'unreachable':
      return new ConnectionFailedError(
        `${at} cannot be reached (${diagnosis.detail})`,
        'unreachable',
        options(`check the address, the network and the VPN${orRecord}`),
      );
    case 'timed-out':
      return new ConnectionFailedError(
        timedOut(diagnosis.stage, diagnosis.afterMs, at, target),
        'timed-out',
        options(timedOutRemedy(diagnosis.stage) + (diagnosis.stage === 'TCP connection' ? orRecord : '')),
      );
    case 'closed':
      return new ConnectionFailedError(
        `${at} closed the connection during the ${diagnosis.stage}`,
        'closed',
        options('check that a scoring service listens there, ' + closedRemedy(target)),
      );
    case 'proxy':
      return new ConnectionFailedError(
        `${describeProxy(diagnosis.proxy)} does not connect to ${at}: ${diagnosis.detail}`,
        'proxy',
        options('have it let the service through, or name the service in no_grpc_proxy to call it directly'),
      );
    case 'certificate': {
      const reason = reasonOf(diagnosis.verifyCode, diagnosis.session.certificate);
      const { finding, remedy } = whatIsWrong(reason, diagnosis, at, target);
      return new CertificateError(finding, reason, options(remedy));
    }
    case 'client-certificate':
      return diagnosis.given
        ? new CertificateError(
            `${at} does not accept the client certificate (${diagnosis.detail})`,
            'client-certificate',
            options('pass one that its authority signed'),
          )
        : new CertificateError(
            `${at} asks for a client certificate and got none (${diagnosis.detail})`,
            'client-certificate',
            options(
              'give a client certificate with its private key (clientCertificate, or --client-certificate and --client-key)',
            ),
          );
    case 'handshake':
      return new CertificateError(
        `the TLS handshake with ${at} failed (${diagnosis.detail})`,
        'handshake',
        options("check the server's TLS settings"),
      );
    case 'plaintext-server':
      return new CertificateError(
        `got plaintext from ${at}, expected TLS: a server for ${diagnosis.protocol} answers there without TLS`,
        'server-is-plaintext',
        options(
          'give the service a certificate, or ask for ' +
            `${overHttp2 ? 'plaintext (plaintext, or --plaintext)' : 'http'} if you mean to call it unprotected`,
        ),
      );
    case 'tls-server':
      return new CertificateError(
        `got TLS from ${at}, expected plaintext: the server there speaks TLS`,
        'server-is-tls',
        options(overHttp2 ? 'call it with TLS (leave out plaintext, or --plaintext)' : 'call it with https'),
      );
    case 'other-protocol':
      return new UnexpectedResponseError(
        `the server at ${at} does not speak ${overHttp2 ? 'HTTP/2, which gRPC needs' : 'HTTP/1.1'}` +
          (diagnosis.said ? `; it said "${diagnosis.said}"` : ''),
        options(
          overHttp2
            ? 'check the port, and that a proxy in between passes gRPC on'
            : 'check the port, and the protocol to call it by',
        ),
      );
  }
}

/** Where we connected, with what a host name stood for: the record may be wrong. */
function placeOf({ address }: ConnectionTarget, addresses: readonly string[] = []): string {
  return formatAddress(address) + (addresses.length > 0 ? ` at ${addresses.join(', ')}` : '');
}

/** Whether an address came from DNS, which may be wrong. */
function hasRecord({ address: { host } }: ConnectionTarget): boolean {
  return isIP(host) === 0 && !/(^|\.)localhost\.?$/i.test(host);
}

function timedOut(
  stage: ConnectionStage,
  afterMs: number,
  at: string,
  { address }: ConnectionTarget,
): string {
  const waited = `within ${afterMs.toLocaleString('en')} ms`;
  switch (stage) {
    case 'name look-up':
      return `got no address for the host name "${address.host}" ${waited}: the resolver does not answer`;
    case 'TCP connection':
      return `got no answer from ${at} ${waited}: packets are dropped on the way`;
    default:
      return `${at} accepts connections but did not answer the ${stage} ${waited}`;
  }
}

function timedOutRemedy(stage: ConnectionStage): string {
  switch (stage) {
    case 'name look-up':
      return "check this machine's name servers and the network, or give an IP address, and the name as the certificate's (hostname, or --hostname)";
    case 'TCP connection':
      return 'check the address, the firewall and the network security group';
    default:
      return 'check that a scoring service listens there, and that it does not hang';
  }
}

/** Node's servers do not say that they refuse a client certificate: they close the connection. */
function closedRemedy({ tls }: ConnectionTarget): string {
  if (!tls) {
    return 'and look in its log';
  }
  return tls.certificateChain
    ? 'and that it trusts the client certificate'
    : 'and whether it asks for a client certificate';
}

/** What is wrong with a certificate, from OpenSSL's name of the reason. */
function reasonOf(verifyCode: string, { hostNames, addresses }: ServedCertificate): CertificateFailureReason {
  switch (verifyCode) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'self-signed';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_UNTRUSTED':
      return 'untrusted';
    case 'CERT_HAS_EXPIRED':
      return 'expired';
    case 'CERT_NOT_YET_VALID':
      return 'not-yet-valid';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return hostNames.length + addresses.length === 0 ? 'no-alternative-names' : 'name-mismatch';
    default:
      return 'handshake';
  }
}

function whatIsWrong(
  reason: CertificateFailureReason,
  { verifyCode, session }: Extract<ConnectionDiagnosis, { kind: 'certificate' }>,
  at: string,
  target: ConnectionTarget,
): { finding: string; remedy: string } {
  const { certificate } = session;
  const { serverName, tls, application } = target;
  const who = `the certificate of ${at}`;
  const names = namesOf(certificate);
  const itsSan = `the SAN ${isIP(serverName) === 0 ? 'DNS' : 'IP'}:${serverName}`;
  switch (reason) {
    case 'self-signed':
      return {
        finding:
          `${who} (${names}) is self-signed and ` +
          (tls?.rootCertificates
            ? 'not the one in the root certificates given'
            : 'not among the trusted roots'),
        remedy: `trust it (rootCertificates, or --root-certificate), or name its file in ${
          application === 'http/1.1' ? 'NODE_EXTRA_CA_CERTS' : 'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH'
        }`,
      };
    case 'untrusted':
      return {
        finding:
          `${who} (${names}) was issued by "${certificate.issuer}", which ` +
          (tls?.rootCertificates
            ? 'is not among the root certificates given'
            : 'is not among the trusted roots'),
        remedy:
          "trust its authority's certificate (rootCertificates, or --root-certificate), " +
          'or have the server send the certificates in between',
      };
    case 'expired':
      return certificate.validTo.getTime() < Date.now()
        ? {
            finding: `${who} (${names}) expired on ${day(certificate.validTo)}`,
            remedy: 'renew it and deploy it again',
          }
        : {
            finding: `a certificate in the chain of ${who} has expired`,
            remedy: 'renew the chain and deploy it again',
          };
    case 'not-yet-valid':
      return {
        finding: `${who} (${names}) is not valid before ${certificate.validFrom.toISOString()}`,
        remedy: "wait until then, or set this machine's clock",
      };
    case 'no-alternative-names':
      return {
        finding:
          `${who} has no subject alternative names, expected "${serverName}" among them` +
          (certificate.commonName === undefined
            ? ''
            : ` (clients written in Go do not look at its common name, "${certificate.commonName}")`),
        remedy: `issue it again with ${itsSan}`,
      };
    case 'name-mismatch':
      return {
        finding:
          `${who} is not for "${serverName}" but for ${names}` +
          (certificate.hostNames.includes(serverName) && isIP(serverName) !== 0
            ? ', where the address is a DNS name: clients look for it among the IP addresses'
            : ''),
        remedy:
          `connect by a name that it covers, give such a name (hostname, or --hostname), issue it again with ${itsSan}` +
          (hasRecord(target) ? ", or correct the name's DNS record if another server answers there" : ''),
      };
    default:
      return {
        finding: `${who} (${names}) is not accepted (${verifyCode})`,
        remedy: 'deploy a certificate for TLS servers',
      };
  }
}

function namesOf({ hostNames, addresses, commonName }: ServedCertificate): string {
  const names = [...hostNames, ...addresses];
  if (names.length > 0) {
    return names.slice(0, 10).join(', ') + (names.length > 10 ? ` and ${names.length - 10} more` : '');
  }
  return commonName === undefined ? 'no name' : `the common name ${commonName} alone`;
}
