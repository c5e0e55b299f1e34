import type { DnsReport, ServedCertificateReport } from '../../smoke-test-report';
import { markup, type Markup } from './markup';

/** Days before expiry from which a warning is shown. */
const SOON = 14;

/** Draws the served certificate. */
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

/** Draws the addresses returned by each resolver. */
export function dnsSection(dns: DnsReport | undefined): Markup | undefined {
  if (!dns) {
    return undefined;
  }
  const { name, answers, expectedAddress } = dns;
  return markup`<section>
<h2>DNS</h2>
<dl class="pairs">
<div><dt>Name</dt><dd>${name}</dd></div>
${expectedAddress === undefined ? undefined : markup`<div><dt>Deployed address</dt><dd>${expectedAddress}</dd></div>`}
${answers.map(
  ({ resolver, addresses }) =>
    markup`<div><dt>${resolver === 'system' ? 'System resolver' : `Resolver ${resolver}`}</dt><dd>${addresses.join(', ') || 'no address'}</dd></div>`,
)}
</dl>
</section>`;
}
