import type { ServedCertificateReport } from '../../smoke-test-report';
import { markup, type Markup } from './markup';

/** Days in which a certificate is to be renewed by now. */
const SOON = 14;

/** The certificate that the service showed. */
export function certificateSection(certificate: ServedCertificateReport | undefined): Markup | undefined {
  if (!certificate) {
    return undefined;
  }
  const { subject, names, issuer, validFrom, validTo, fingerprint256, protocol, cipher } = certificate;
  return markup`<section>
<h2>Certificate</h2>
<dl class="pairs">
<div><dt>Subject</dt><dd>${subject}</dd></div>
<div><dt>Issuer</dt><dd>${issuer}</dd></div>
<div><dt>Names</dt><dd>${names.join(', ') || 'none'}</dd></div>
<div><dt>Valid</dt><dd>${day(validFrom)} to ${day(validTo)}<br>${expiry(certificate)}</dd></div>
<div><dt>TLS</dt><dd>${protocol}, ${cipher}</dd></div>
<div class="wide"><dt>SHA-256 fingerprint</dt><dd><code>${fingerprint256}</code></dd></div>
</dl>
</section>`;
}

function expiry({ daysToExpiry }: ServedCertificateReport): Markup {
  if (daysToExpiry < 0) {
    return markup`<strong class="fail">✗ expired ${-daysToExpiry} days ago</strong>`;
  }
  return daysToExpiry < SOON
    ? markup`<strong class="warn">! ${daysToExpiry} days left</strong>`
    : markup`<strong class="pass">✓ ${daysToExpiry} days left</strong>`;
}

function day(timestamp: string): string {
  return timestamp.slice(0, 10);
}
