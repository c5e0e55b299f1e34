import type { X509Certificate } from 'node:crypto';
import type { CertificateProblem } from './certificate-problem';
import { certificateNames, commonName, describe, type CertificateNames } from './certificate-names';
import { dnsNameCovers, parseHostname, type Hostname } from './hostname';

const SHOWN_NAMES = 10;

/** Returns a problem if the certificate does not cover the host name that clients use. */
export function hostnameProblems(certificate: X509Certificate, hostname: string): CertificateProblem[] {
  const host = parseHostname(hostname);
  if (host === undefined) {
    return [
      {
        code: 'HOSTNAME_INVALID',
        message:
          `${JSON.stringify(hostname.slice(0, 253))} is not a valid host name; expected the DNS name or IP ` +
          'address that clients call, such as scoring.example.com, without a scheme, port or wildcard',
      },
    ];
  }
  const names = certificateNames(certificate);
  if (covers(names, host)) {
    return [];
  }
  if (names.dns.length === 0 && names.ip.length === 0) {
    const common = commonName(certificate);
    return [
      {
        code: 'HOSTNAME_ONLY_IN_COMMON_NAME',
        message:
          `certificate ${describe(certificate)} has no Subject Alternative Names, expected them to include ` +
          `${host.value}; ${common === undefined ? '' : `clients ignore the common name (${common}): `}` +
          `reissue it with the SAN ${host.kind === 'ip' ? 'IP' : 'DNS'}:${host.value}`,
      },
    ];
  }
  return [
    {
      code: 'HOSTNAME_NOT_COVERED',
      message:
        `host name ${host.value} is not covered by the certificate, which is valid for ${list(names)}; ` +
        `${hint(names, host)}call the server by a name that the certificate covers, or issue a certificate with the SAN ` +
        `${host.kind === 'ip' ? 'IP' : 'DNS'}:${host.value}`,
    },
  ];
}

function covers(names: CertificateNames, host: Hostname): boolean {
  return host.kind === 'ip'
    ? names.ip.includes(host.value)
    : names.dns.some((pattern) => dnsNameCovers(pattern, host.value));
}

function hint(names: CertificateNames, host: Hostname): string {
  if (host.kind === 'ip') {
    return names.dns.includes(host.value)
      ? 'an IP address must be a SAN of type IP, not DNS: '
      : 'an IP address is covered only by a SAN of type IP: ';
  }
  const near = names.dns.find(
    (pattern) => pattern.startsWith('*.') && `.${host.value}`.endsWith(pattern.slice(1).toLowerCase()),
  );
  return near === undefined ? '' : `the * in ${near} stands for exactly one label: `;
}

function list({ dns, ip }: CertificateNames): string {
  const all = [...dns, ...ip];
  const rest = all.length - SHOWN_NAMES;
  return all.slice(0, SHOWN_NAMES).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
