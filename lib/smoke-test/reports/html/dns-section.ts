import type { DnsReport } from '../../smoke-test-report';
import { markup, type Markup } from './markup';

/** What each resolver said. */
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
