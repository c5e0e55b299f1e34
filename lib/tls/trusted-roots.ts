import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

let bundled: readonly X509Certificate[] | undefined;

/** The public roots that come with Node: Mozilla's. Parsed once, when they are first needed. */
export function publicRoots(): readonly X509Certificate[] {
  bundled ??= rootCertificates.map((pem) => new X509Certificate(pem));
  return bundled;
}
