import type { X509Certificate } from 'node:crypto';
import type { CertificateProblem } from './certificate-problem';
import { certificateNames, commonName, type CertificateNames } from './certificate-names';
import { describe } from './describe-certificate';
import { dnsNameCovers, parseHostname, type Hostname } from './hostname';

const shownNames = 10;

/** Whether a certificate covers the name by which clients call the server, and if not, what it covers. */
export function hostnameProblems(certificate: X509Certificate, hostname: string): CertificateProblem[] {
  const host = parseHostname(hostname);
  if (host === undefined) {
    return [
      {
        code: 'HOSTNAME_INVALID',
        message:
          `host name ${JSON.stringify(hostname.slice(0, 253))} is not a host name; expected one name or ` +
          'IP address that clients call, such as scoring.example.com, without a scheme, a port or a wildcard',
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
          `certificate ${describe(certificate)} has no Subject Alternative Names, expected ${host.value} among ` +
          `them; ${common === undefined ? '' : `clients no longer look at the common name (${common}): `}` +
          `issue it again with the SAN ${host.kind === 'ip' ? 'IP' : 'DNS'}:${host.value}`,
      },
    ];
  }
  return [
    {
      code: 'HOSTNAME_NOT_COVERED',
      message:
        `host name ${host.value} is not covered by the certificate, which is for ${list(names)}; ` +
        `${hint(names, host)}call the server by a name that it covers, or issue a certificate with the SAN ` +
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
      ? 'an address counts only as a SAN of the kind IP, not DNS: '
      : 'an address is covered only by a SAN of the kind IP: ';
  }
  const near = names.dns.find(
    (pattern) => pattern.startsWith('*.') && `.${host.value}`.endsWith(pattern.slice(1).toLowerCase()),
  );
  return near === undefined ? '' : `${near} covers exactly one label in the place of the star: `;
}

function list({ dns, ip }: CertificateNames): string {
  const all = [...dns, ...ip];
  const rest = all.length - shownNames;
  return all.slice(0, shownNames).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
