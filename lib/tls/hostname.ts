import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { canonicalAddress } from './certificate-names';

/** Host name in the form that is compared with certificates. */
export interface Hostname {
  readonly kind: 'dns' | 'ip';
  /** DNS: lowercase A-labels without a trailing dot. IP: the form that `canonicalAddress` returns. */
  readonly value: string;
}

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * Converts a host name to the form used in certificates: `Bücher.example.` becomes `xn--bcher-kva.example`, and
 * `[0:0::1]` becomes `::1`. Returns undefined if the text is not a host name.
 */
export function parseHostname(text: string): Hostname | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (isIP(bare) !== 0) {
    return { kind: 'ip', value: canonicalAddress(bare) };
  }
  const value = domainToASCII(text).toLowerCase().replace(/\.$/, '');
  const usable =
    value.length <= 253 && isIP(value) === 0 && value.split('.').every((part) => LABEL.test(part));
  return usable ? { kind: 'dns', value } : undefined;
}

/**
 * Returns whether a DNS name of a certificate covers a host name. Matching ignores case. `*` is a wildcard only as the
 * entire leftmost label, matches exactly one label, and requires at least two more labels (`*.com` matches nothing, as in
 * OpenSSL and Node.js).
 *
 * @see https://www.rfc-editor.org/rfc/rfc9525#section-6.3
 * @param pattern DNS name of the certificate: `scoring.example.com` or `*.example.com`.
 * @param hostname Lowercase A-labels without a trailing dot, as returned by `parseHostname`.
 */
export function dnsNameCovers(pattern: string, hostname: string): boolean {
  const [first, ...rest] = pattern.toLowerCase().split('.');
  const [host, ...domain] = hostname.split('.');
  if (first !== '*') {
    return !pattern.includes('*') && pattern.toLowerCase() === hostname;
  }
  return (
    rest.length >= 2 &&
    host !== '' &&
    rest.length === domain.length &&
    rest.every((part, index) => !part.includes('*') && part === domain[index])
  );
}
