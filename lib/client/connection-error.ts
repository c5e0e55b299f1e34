import { status as GrpcStatus } from '@grpc/grpc-js';

import { formatAddress } from './address';
import type { ConnectionDiagnosis, ConnectionStage, ConnectionTarget } from './connection-diagnosis';
import {
  CertificateError,
  ConnectionFailedError,
  UnexpectedResponseError,
  type CertificateFailureReason,
  type PredictionError,
} from './prediction-errors';
import type { ServedCertificate } from './served-certificate';

/** Whether another try may find another state, without anybody mending anything. */
export function mayPass(diagnosis: ConnectionDiagnosis): boolean {
  return ['ready', 'refused', 'unreachable', 'closed', 'timed-out'].includes(diagnosis.kind);
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
  const grpcStatus = GrpcStatus.UNAVAILABLE;
  const at = formatAddress(target.address);
  switch (diagnosis.kind) {
    case 'ready':
      return new ConnectionFailedError(
        `the connection to ${at} broke (${transportDetail}), although a server answers there now`,
        'closed',
        { remedy: 'try again, and look in its log if this repeats', grpcStatus },
      );
    case 'name-not-found':
      return new ConnectionFailedError(
        `the host name "${target.address.host}" has no address (${diagnosis.detail})`,
        'name-not-found',
        {
          remedy:
            'check its spelling and its DNS record, wait if the record is new, or pass an IP address ' +
            'with the name as hostname',
          grpcStatus,
        },
      );
    case 'refused':
      return new ConnectionFailedError(`nothing listens on ${at}: the connection was refused`, 'refused', {
        remedy: 'start the service, or check the port',
        grpcStatus,
      });
    case 'unreachable':
      return new ConnectionFailedError(`${at} cannot be reached (${diagnosis.detail})`, 'unreachable', {
        remedy: 'check the address, the network and the VPN',
        grpcStatus,
      });
    case 'timed-out':
      return timedOut(diagnosis.stage, diagnosis.afterMs, at);
    case 'closed':
      return new ConnectionFailedError(
        `${at} closed the connection during the ${diagnosis.stage}`,
        'closed',
        {
          remedy:
            'check that a scoring service listens there, ' +
            (target.tls && !target.tls.certificateChain
              ? 'and whether it asks for a client certificate'
              : 'and look in its log'),
          grpcStatus,
        },
      );
    case 'certificate':
      return untrusted(diagnosis.verifyCode, diagnosis.certificate, target);
    case 'client-certificate':
      return diagnosis.given
        ? new CertificateError(
            `${at} does not accept the client certificate (${diagnosis.detail})`,
            'client-certificate',
            { remedy: 'pass one that its authority signed', grpcStatus },
          )
        : new CertificateError(
            `${at} asks for a client certificate and got none (${diagnosis.detail})`,
            'client-certificate',
            { remedy: 'pass clientCertificate', grpcStatus },
          );
    case 'handshake':
      return new CertificateError(`the TLS handshake with ${at} failed (${diagnosis.detail})`, 'handshake', {
        remedy: "check the server's TLS settings",
        grpcStatus,
      });
    case 'plaintext-server':
      return new CertificateError(
        `got plaintext from ${at}, expected TLS: a server for ${diagnosis.protocol} answers there without TLS`,
        'server-is-plaintext',
        {
          remedy: 'give the service a certificate, or ask for plaintext if you mean to call it unprotected',
          grpcStatus,
        },
      );
    case 'tls-server':
      return new CertificateError(
        `got TLS from ${at}, expected plaintext: the server there speaks TLS`,
        'server-is-tls',
        { remedy: 'leave out plaintext', grpcStatus },
      );
    case 'not-http2':
      return new UnexpectedResponseError(
        `the server at ${at} does not speak HTTP/2, which gRPC needs` +
          (diagnosis.greeting ? `; it said "${diagnosis.greeting}"` : ''),
        { remedy: 'check the port, and that a proxy in between passes gRPC on', grpcStatus },
      );
  }
}

function timedOut(stage: ConnectionStage, afterMs: number, at: string): ConnectionFailedError {
  const waited = `within ${afterMs.toLocaleString('en')} ms`;
  const grpcStatus = GrpcStatus.UNAVAILABLE;
  return stage === 'TCP connection'
    ? new ConnectionFailedError(
        `got no answer from ${at} ${waited}: packets are dropped on the way`,
        'timed-out',
        { remedy: 'check the address, the firewall and the network security group', grpcStatus },
      )
    : new ConnectionFailedError(
        `${at} accepts connections but did not answer the ${stage} ${waited}`,
        'timed-out',
        { remedy: 'check that a scoring service listens there, and that it does not hang', grpcStatus },
      );
}

function untrusted(
  verifyCode: string,
  certificate: ServedCertificate,
  target: ConnectionTarget,
): CertificateError {
  const reason = reasonOf(verifyCode);
  const { finding, remedy } = whatIsWrong(reason, certificate, target, verifyCode);
  return new CertificateError(finding, reason, { remedy, grpcStatus: GrpcStatus.UNAVAILABLE });
}

/** What is wrong with a certificate, from OpenSSL's name of the reason. */
export function reasonOf(verifyCode: string): CertificateFailureReason {
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
      return 'name-mismatch';
    default:
      return 'handshake';
  }
}

function whatIsWrong(
  reason: CertificateFailureReason,
  certificate: ServedCertificate,
  { address, serverName, tls }: ConnectionTarget,
  verifyCode: string,
): { finding: string; remedy: string } {
  const who = `the certificate of ${formatAddress(address)}`;
  const names = namesOf(certificate);
  switch (reason) {
    case 'self-signed':
      return {
        finding:
          `${who} (${names}) is self-signed and ` +
          (tls?.rootCertificates ? 'not the one in rootCertificates' : 'not among the trusted roots'),
        remedy: 'pass it as rootCertificates, or name its file in GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
      };
    case 'untrusted':
      return {
        finding:
          `${who} (${names}) was issued by "${certificate.issuer}", which ` +
          (tls?.rootCertificates ? 'rootCertificates do not hold' : 'is not among the trusted roots'),
        remedy:
          "pass its authority's certificate as rootCertificates, " +
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
    case 'name-mismatch':
      return {
        finding: `${who} is not for "${serverName}" but for ${names}`,
        remedy:
          'connect by a name that it covers, pass such a name as hostname, or deploy a certificate that covers this one',
      };
    default:
      return {
        finding: `${who} (${names}) is not accepted (${verifyCode})`,
        remedy: 'deploy a certificate for TLS servers',
      };
  }
}

function namesOf({ names, commonName }: ServedCertificate): string {
  if (names.length > 0) {
    return names.slice(0, 10).join(', ') + (names.length > 10 ? ` and ${names.length - 10} more` : '');
  }
  return commonName ? `the common name ${commonName} alone` : 'no name';
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
