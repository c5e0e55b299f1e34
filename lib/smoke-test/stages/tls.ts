import { diagnoseConnection } from '../../client/connection-diagnosis';
import type { TlsSession } from '../../client/served-certificate';
import { connectionError } from '../../client/connection-error';
import { CancelledError } from '../../client/prediction-errors';
import { waitForReadiness } from '../../client/readiness';
import { daysBetween } from '../../tls/validity';
import { SmokeTestError } from '../smoke-test-error';
import type { ServedCertificateReport } from '../smoke-test-report';
import type { Stage } from './stage';

/** The certificate, and what was agreed on. */
export const tls: Stage = {
  name: 'tls',
  async run({ connection, options, findings, waiting }) {
    if (!connection.tls) {
      return { skipped: 'calls go without TLS: everybody on the way can read them' };
    }
    const { address, serverName, protocol } = connection;
    const { rootCertificates, clientCertificate, deployed } = connection.tls;
    const target = {
      address,
      serverName,
      application: protocol === 'http' ? ('http/1.1' as const) : ('h2' as const),
      tls: { ...(rootCertificates && { rootCertificates }), ...clientCertificate },
    };
    const settings = waiting();
    let served: ServedCertificateReport | undefined;
    await waitForReadiness(
      async ({ deadlineMs }) => {
        const diagnosis = await diagnoseConnection(target, deadlineMs);
        if (diagnosis.kind !== 'ready') {
          throw connectionError(diagnosis, target, 'no connection');
        }
        served = diagnosis.session && certificateReport(diagnosis.session);
      },
      // While a change reaches the machines, one that still has the former certificate may answer.
      options.rollout
        ? { ...settings, keepWaiting: (reason) => !(reason instanceof CancelledError) }
        : settings,
    );
    if (!served) {
      return { skipped: 'the service showed no certificate' };
    }
    findings.certificate = served;
    if (deployed && deployed.fingerprint256 !== served.fingerprint256) {
      throw new SmokeTestError(
        'CERTIFICATE',
        `the service shows the certificate ${served.fingerprint256}, and ${deployed.fingerprint256} was deployed`,
        { remedy: 'deploy again, or wait until the change has reached the service' },
      );
    }
    return `${served.protocol}, ${served.names.join(', ')}, expires in ${served.daysToExpiry} days`;
  },
};

function certificateReport({
  certificate,
  fingerprint256,
  protocol,
  cipher,
}: TlsSession): ServedCertificateReport {
  const { commonName, names, issuer, validFrom, validTo } = certificate;
  return {
    subject: commonName,
    names,
    issuer,
    validFrom: validFrom.toISOString(),
    validTo: validTo.toISOString(),
    daysToExpiry: daysBetween(new Date(), validTo),
    fingerprint256,
    protocol,
    cipher,
  };
}
