import type { X509Certificate } from 'node:crypto';

import { diagnoseConnection, type ConnectionTarget } from '../../connection/connection-diagnosis';
import { connectionError } from '../../connection/connection-error';
import { formatAddress } from '../../connection/address';
import { CancelledError, CertificateError } from '../../errors/prediction-errors';
import { waitForReadiness } from '../../client/readiness';
import {
  describeCertificate,
  type ServedCertificate,
  type TlsSession,
} from '../../connection/served-certificate';
import { day, daysBetween } from '../../tls/validity';
import { connectionTarget } from '../target';
import type { ServedCertificateReport } from '../smoke-test-report';
import type { Check } from './check';

/** Time limit in milliseconds for inspecting a service without TLS. The health check reports other problems. */
const PLAINTEXT_LOOK_MS = 3_000;

/** Checks that callers trust the certificate and that it is the one that was deployed. */
export const tls: Check = {
  name: 'tls',
  async run({ target, options, findings, waiting }) {
    const at = connectionTarget(target);
    if (!target.tls) {
      await requirePlaintext(at);
      return { skipped: 'calls are made without TLS: anyone on the network path can read them' };
    }
    const { deployed } = target.tls;
    let superseded = false;
    let served: TlsSession | undefined;
    await waitForReadiness(
      async ({ deadlineMs }) => {
        const diagnosis = await diagnoseConnection(at, deadlineMs);
        served = 'session' in diagnosis ? diagnosis.session : undefined;
        findings.certificate = served && certificateReport(served);
        superseded =
          deployed !== undefined &&
          served !== undefined &&
          served.certificate.fingerprint256 !== deployed.fingerprint256;
        if (diagnosis.kind !== 'ready') {
          throw connectionError(diagnosis, at, 'no connection');
        }
        if (served) {
          requireAlternativeNames(served.certificate, at);
          requireDeployed(served.certificate, deployed, at);
        }
      },
      {
        ...waiting(),
        // During a rollout, a machine that still has the previous certificate may respond.
        keepWaiting: (reason) =>
          !(reason instanceof CancelledError) &&
          (!(reason instanceof CertificateError) || superseded || options.rollout !== undefined),
      },
    );
    return served
      ? describe(served, deployed !== undefined)
      : { skipped: 'the service presented no certificate' };
  },
};

async function requirePlaintext(target: ConnectionTarget): Promise<void> {
  const diagnosis = await diagnoseConnection(target, PLAINTEXT_LOOK_MS);
  if (diagnosis.kind === 'tls-server') {
    throw connectionError(diagnosis, target, 'no connection');
  }
}

/** Node.js and Python fall back to the common name. Go and browsers do not. @see https://www.rfc-editor.org/rfc/rfc9525 */
function requireAlternativeNames(
  { hostNames, addresses, commonName }: ServedCertificate,
  { address, serverName }: ConnectionTarget,
): void {
  if (hostNames.length + addresses.length === 0) {
    throw new CertificateError(
      `the certificate of ${formatAddress(address)} has no subject alternative names, expected them to include ` +
        `"${serverName}" (Go clients ignore its common name, "${commonName ?? ''}")`,
      'no-alternative-names',
      { remedy: `reissue it with the SAN DNS:${serverName}` },
    );
  }
}

function requireDeployed(
  served: ServedCertificate,
  deployed: X509Certificate | undefined,
  { address }: ConnectionTarget,
): void {
  if (!deployed || deployed.fingerprint256 === served.fingerprint256) {
    return;
  }
  const given = describeCertificate(deployed);
  throw new CertificateError(
    `the certificate of ${formatAddress(address)} (${describeForComparison(served)}) is not the one that was ` +
      `deployed (${describeForComparison(given)})`,
    'not-deployed',
    { remedy: deploymentRemedy(served, given) },
  );
}

function deploymentRemedy(served: ServedCertificate, deployed: ServedCertificate): string {
  const newerBy = served.validFrom.getTime() - deployed.validFrom.getTime();
  if (newerBy < 0) {
    return 'the deployed certificate is newer: wait until it has reached the service, restart the service, or deploy again';
  }
  return newerBy > 0
    ? 'the served certificate is newer: add it to the stack if it was renewed elsewhere, or deploy again to restore the deployed one'
    : 'both have the same date: check which certificate is correct, and deploy again';
}

function describeForComparison({ validFrom, validTo, fingerprint256 }: ServedCertificate): string {
  return `valid from ${day(validFrom)} to ${day(validTo)}, SHA-256 ${fingerprint256}`;
}

function certificateReport({ certificate, protocol, cipher }: TlsSession): ServedCertificateReport {
  const { subject, hostNames, addresses, issuer, validFrom, validTo, fingerprint256 } = certificate;
  return {
    subject,
    names: [...hostNames, ...addresses],
    issuer,
    validFrom: validFrom.toISOString(),
    validTo: validTo.toISOString(),
    daysToExpiry: daysBetween(new Date(), validTo),
    fingerprint256,
    protocol,
    cipher,
  };
}

function describe(session: TlsSession, isDeployed: boolean): string {
  const { protocol, cipher, names, issuer, validTo, daysToExpiry } = certificateReport(session);
  return (
    `${protocol}, ${cipher}; the certificate is for ${names.join(', ')}, was issued by "${issuer}" and expires in ` +
    `${daysToExpiry} days, on ${validTo.slice(0, 10)}` +
    (isDeployed ? '; it is the one that was deployed' : '')
  );
}
