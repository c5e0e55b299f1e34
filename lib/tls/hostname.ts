import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { canonicalAddress } from './certificate-names';

/** A host name as certificates are compared with it. */
export interface Hostname {
  readonly kind: 'dns' | 'ip';
  /** DNS: lowercase A-labels without a final dot. IP: the form of `canonicalAddress`. */
  readonly value: string;
}

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * Brings a host name into the form in which certificates hold it: `Bücher.example.` becomes
 * `xn--bcher-kva.example`, `[0:0::1]` becomes `::1`. Undefined where it is no host name.
 */
export function parseHostname(text: string): Hostname | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (isIP(bare) !== 0) {
    return { kind: 'ip', value: canonicalAddress(bare) };
  }
  const value = domainToASCII(text).toLowerCase().replace(/\.$/, '');
  const usable =
    value.length <= 253 && isIP(value) === 0 && value.split('.').every((part) => label.test(part));
  return usable ? { kind: 'dns', value } : undefined;
}

/**
 * Whether a certificate's DNS name covers a host name, by RFC 9525 (RFC 6125 before it): letter case does not
 * count; `*` counts only as the whole leftmost label, stands for exactly one label, and needs two more after
 * it (`*.com` covers nothing, as in OpenSSL and Node).
 *
 * @param pattern The certificate's name, `scoring.example.com` or `*.example.com`.
 * @param hostname Lowercase A-labels without a final dot: the value that `parseHostname` returns.
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
