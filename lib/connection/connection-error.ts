import { isIP } from 'node:net';

import { GrpcStatus } from '../errors/grpc-status';
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

/** Returns whether the problem may resolve itself, so that a retry makes sense. */
export function mayPass(diagnosis: ConnectionDiagnosis): boolean {
  return ['ready', 'refused', 'unreachable', 'closed', 'timed-out', 'proxy'].includes(diagnosis.kind);
}

/**
 * Converts a diagnosis to an error with a remedy.
 * @param transportDetail detail from the transport, for a connection that broke but can be established again
 */
export function connectionError(
  diagnosis: ConnectionDiagnosis,
  target: ConnectionTarget,
  transportDetail: string,
): PredictionError {
  const { names } = target;
  const overHttp2 = target.application === 'h2';
  const options = (remedy: string): PredictionErrorOptions => ({
    remedy,
    grpcStatus: overHttp2 ? GrpcStatus.UNAVAILABLE : undefined,
  });
  const at = placeOf(target, diagnosis.addresses);
  const orRecord = hasRecord(target) ? ", or correct the name's DNS record" : '';
  switch (diagnosis.kind) {
    case 'ready':
      return new ConnectionFailedError(
        `the connection to ${at} broke (${transportDetail}), but a server responds there now`,
        'closed',
        options('retry, and check the log of the service if the problem persists'),
      );
    case 'name-not-found':
      return new ConnectionFailedError(
        `the host name "${target.address.host}" has no address (${diagnosis.detail})`,
        'name-not-found',
        options(
          'check its spelling and its DNS record, wait if the record is new, or use an IP address and set ' +
            `${names('serverName')} to the name`,
        ),
      );
    case 'refused':
      return new ConnectionFailedError(
        `connection refused: nothing is listening on ${at}`,
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
        options(
          timedOutRemedy(diagnosis.stage, target) + (diagnosis.stage === 'TCP connection' ? orRecord : ''),
        ),
      );
    case 'closed':
      return new ConnectionFailedError(
        `${at} closed the connection during the ${diagnosis.stage}`,
        'closed',
        options('check that a scoring service is listening there, ' + closedRemedy(target)),
      );
    case 'proxy':
      return new ConnectionFailedError(
        `${describeProxy(diagnosis.proxy)} does not connect to ${at}: ${diagnosis.detail}`,
        'proxy',
        options(
          `allow the service in the proxy, or add it to ${diagnosis.proxy.exemptions} to bypass the proxy`,
        ),
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
            options('pass a certificate issued by an authority that the server trusts'),
          )
        : new CertificateError(
            `${at} requires a client certificate, got none (${diagnosis.detail})`,
            'client-certificate',
            options(`set ${names('clientCertificate')}`),
          );
    case 'handshake':
      return new CertificateError(
        `the TLS handshake with ${at} failed (${diagnosis.detail})`,
        'handshake',
        options("check the server's TLS settings"),
      );
    case 'plaintext-server':
      return new CertificateError(
        `got plaintext from ${at}, expected TLS: the server there speaks ${diagnosis.protocol} without TLS`,
        'server-is-plaintext',
        options(
          'give the service a certificate, or use ' +
            `${overHttp2 ? names('plaintext') : 'http'} to call it without encryption`,
        ),
      );
    case 'tls-server':
      return new CertificateError(
        `got TLS from ${at}, expected plaintext: the server there requires TLS`,
        'server-is-tls',
        options(overHttp2 ? `remove ${names('plaintext')} to call it with TLS` : 'call it with https'),
      );
    case 'other-protocol':
      return new UnexpectedResponseError(
        `the server at ${at} does not speak ${overHttp2 ? 'HTTP/2, which gRPC needs' : 'HTTP/1.1'}` +
          (diagnosis.said ? `; its response starts with "${diagnosis.said}"` : ''),
        options(
          overHttp2
            ? 'check the port, and that every proxy in between forwards gRPC'
            : 'check the port and the protocol',
        ),
      );
  }
}

/** Formats the address together with what its host name resolved to: the record may be wrong. */
function placeOf({ address }: ConnectionTarget, addresses: readonly string[] = []): string {
  return formatAddress(address) + (addresses.length > 0 ? ` at ${addresses.join(', ')}` : '');
}

/** Returns whether the address came from DNS, whose record may be wrong. */
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
      return `got no address for the host name "${address.host}" ${waited}: the resolver does not respond`;
    case 'TCP connection':
      return `got no response from ${at} ${waited}: packets are dropped on the network path`;
    default:
      return `${at} accepts connections but did not complete the ${stage} ${waited}`;
  }
}

function timedOutRemedy(stage: ConnectionStage, { names }: ConnectionTarget): string {
  switch (stage) {
    case 'name look-up':
      return `check this machine's name servers and network, or use an IP address and set ${names('serverName')} to the name`;
    case 'TCP connection':
      return 'check the address, the firewall and the network security group';
    default:
      return 'check that a scoring service is listening there and does not hang';
  }
}

/** Node's servers do not report that they reject a client certificate: they close the connection. */
function closedRemedy({ tls }: ConnectionTarget): string {
  if (!tls) {
    return 'and check its log';
  }
  return tls.certificateChain
    ? 'and that it trusts the client certificate'
    : 'and whether it requires a client certificate';
}

/** Maps OpenSSL's code to the reason why a certificate is rejected. */
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
  const { serverName, tls, application, names } = target;
  const who = `the certificate of ${at}`;
  const covered = namesOf(certificate);
  const itsSan = `the SAN ${isIP(serverName) === 0 ? 'DNS' : 'IP'}:${serverName}`;
  switch (reason) {
    case 'self-signed':
      return {
        finding:
          `${who} (${covered}) is self-signed and ` +
          (tls?.rootCertificates ? 'not one of the given root certificates' : 'not one of the trusted roots'),
        remedy: `trust it with ${names('rootCertificates')}, or set ${
          application === 'http/1.1' ? 'NODE_EXTRA_CA_CERTS' : 'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH'
        }`,
      };
    case 'untrusted':
      return {
        finding:
          `${who} (${covered}) was issued by "${certificate.issuer}", which ` +
          (tls?.rootCertificates
            ? 'is not one of the given root certificates'
            : 'is not one of the trusted roots'),
        remedy:
          `trust its authority's certificate with ${names('rootCertificates')}, ` +
          'or configure the server to send the intermediate certificates',
      };
    case 'expired':
      return certificate.validTo.getTime() < Date.now()
        ? {
            finding: `${who} (${covered}) expired on ${day(certificate.validTo)}`,
            remedy: 'renew it and deploy it again',
          }
        : {
            finding: `a certificate in the chain of ${who} has expired`,
            remedy: 'renew the chain and deploy it again',
          };
    case 'not-yet-valid':
      return {
        finding: `${who} (${covered}) is not valid before ${certificate.validFrom.toISOString()}`,
        remedy: "wait until then, or correct this machine's clock",
      };
    case 'no-alternative-names':
      return {
        finding:
          `${who} has no subject alternative names, expected them to include "${serverName}"` +
          (certificate.commonName === undefined
            ? ''
            : ` (clients ignore its common name, "${certificate.commonName}")`),
        remedy: `reissue it with ${itsSan}`,
      };
    case 'name-mismatch':
      return {
        finding:
          `${who} is valid for ${covered}, expected "${serverName}"` +
          (certificate.hostNames.includes(serverName) && isIP(serverName) !== 0
            ? ': the address must be a SAN of type IP, not DNS'
            : ''),
        remedy:
          `connect by a name that it covers, set ${names('serverName')} to such a name, reissue it with ${itsSan}` +
          (hasRecord(target) ? ", or correct the name's DNS record if another server answers there" : ''),
      };
    default:
      return {
        finding: `${who} (${covered}) is rejected (${verifyCode})`,
        remedy: 'deploy a TLS server certificate',
      };
  }
}

function namesOf({ hostNames, addresses, commonName }: ServedCertificate): string {
  const names = [...hostNames, ...addresses];
  if (names.length > 0) {
    return names.slice(0, 10).join(', ') + (names.length > 10 ? ` and ${names.length - 10} more` : '');
  }
  return commonName === undefined ? 'no name' : `only the common name ${commonName}`;
}
