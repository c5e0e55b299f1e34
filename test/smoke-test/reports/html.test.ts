import { createHash } from 'node:crypto';

import { htmlReport } from '../../../lib/smoke-test/reports/html';
import {
  cat,
  failedReport,
  httpReport,
  passedReport,
  untrustedReport,
  wrongAnswerReport,
} from './sample-reports';

const EMBEDDED = new Map([[cat.path, { dataUri: 'data:image/png;base64,AAAA' }]]);

function contents(page: string, element: string): string[] {
  return [...page.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(([, content]) => content);
}

function policyOf(page: string): string {
  const content = /http-equiv="Content-Security-Policy" content="(.*?)"/.exec(page)![1];
  return content.replace(/&#39;/g, "'");
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

describe('the HTML report', () => {
  it('runs and loads only its own content', () => {
    const page = htmlReport(passedReport(), EMBEDDED);
    const scripts = contents(page, 'script').map(hashOf);
    const styles = contents(page, 'style').map(hashOf);
    expect(scripts).toHaveLength(2);
    expect(policyOf(page)).toBe(
      `default-src 'none'; img-src data:; style-src ${styles.join(' ')}; script-src ${scripts.join(' ')}; ` +
        "base-uri 'none'; form-action 'none'",
    );
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
  });

  it('has no script without warm calls to draw', () => {
    const page = htmlReport(httpReport(), new Map());
    expect(contents(page, 'script')).toEqual([]);
    expect(policyOf(page)).toContain("script-src 'none'");
  });

  it('begins with the failure and how to fix it', () => {
    const page = htmlReport(untrustedReport(), new Map());
    expect(page).toContain('Failed check: tls <span class="quiet">(CERTIFICATE, untrusted)</span>');
    expect(page).toContain(
      '<strong>To fix it:</strong> trust the authority&#39;s certificate with --root-certificate-file',
    );
    expect(page.indexOf('To fix it')).toBeLessThan(page.indexOf('<h2>Checks</h2>'));
  });

  it('names the version alone of a model that was asked for without a name', () => {
    const page = htmlReport(passedReport({ model: { name: '', versions: ['1'] } }), new Map());
    expect(page).toContain('<dd>version 1</dd>');
  });

  it('reports why a test failed that has no check', () => {
    const failure = { code: 'SMOKE_TEST_INPUT', message: 'cannot read the image cat.png (ENOENT)' };
    const page = htmlReport(passedReport({ passed: false, failure, checks: [], samples: [] }), new Map());
    expect(page).toContain('Failed before the first check <span class="quiet">(SMOKE_TEST_INPUT)</span>');
    expect(page).toContain('<p>cannot read the image cat.png (ENOENT)</p>');
  });

  it('has the images, their classes and what was expected', () => {
    const page = htmlReport(wrongAnswerReport(), EMBEDDED);
    expect(page).toContain('<img src="data:image/png;base64,AAAA" alt="image chelsea.png">');
    expect(page).toContain('<th scope="row">lynx<span class="tag">expected</span></th>');
    expect(page).toContain('Expected: label &#34;lynx&#34;');
    expect(page).toContain('width="52.1%"');
  });

  it('reports why an image is not shown', () => {
    const page = htmlReport(passedReport(), new Map([[cat.path, { omitted: 'it is too large' }]]));
    expect(page).toContain('<p class="omitted">it is too large</p>');
  });

  it('shows an answer over HTTP, the budgets, the certificate and the resolvers', () => {
    expect(htmlReport(httpReport(), new Map())).toContain('<pre>{&#34;predictions&#34;:[[0.1,0.9]]}</pre>');
    const page = htmlReport(passedReport(), new Map());
    expect(page).toContain('<dd class="budget pass">✓ at most 50 ms</dd>');
    expect(page).toContain('<strong class="pass">✓ 61 days left</strong>');
    expect(page).toContain('<dt>Resolver 9.9.9.9</dt><dd>203.0.113.7</dd>');
  });

  it.each([
    [5, 'warn">! 5 days left'],
    [-3, 'fail">✗ expired 3 days ago'],
  ])('warns of a certificate with %d days left', (daysToExpiry, text) => {
    const { certificate } = passedReport();
    expect(htmlReport(passedReport({ certificate: { ...certificate!, daysToExpiry } }), new Map())).toContain(
      text,
    );
  });

  it('shows a budget that was missed', () => {
    const { latency } = passedReport();
    const missed = { ...latency!, budget: { p99Ms: 30, minimumRequestsPerSecond: 500 } };
    const page = htmlReport(passedReport({ latency: missed }), new Map());
    expect(page).toContain('<dd class="budget fail">✗ at most 30 ms</dd>');
    expect(page).toContain('<dd class="budget fail">✗ at least 500 /s</dd>');
  });

  it('escapes all text of services, files and certificates', () => {
    const hostile = '"><img src=x onerror=alert(1)></title><script>alert(1)</script>\'`&';
    const { certificate, dns, target } = passedReport();
    const report = failedReport(
      'expectations',
      { detail: hostile, code: hostile, reason: hostile, remedy: hostile },
      {
        target: { ...target, host: hostile, serverName: hostile, connectedTo: hostile },
        model: { name: hostile, versions: [hostile] },
        dns: { ...dns!, name: hostile, answers: [{ resolver: hostile, addresses: [hostile] }] },
        certificate: {
          ...certificate!,
          subject: hostile,
          issuer: hostile,
          names: [hostile],
          cipher: hostile,
        },
        samples: [
          {
            ...cat,
            name: hostile,
            detail: hostile,
            answer: hostile,
            topClasses: [{ classIndex: 1, label: hostile, probability: NaN }],
            expected: { [hostile]: hostile },
          },
        ],
      },
    );
    const page = htmlReport(report, EMBEDDED);
    expect(page.split('alert(1)').length).toBeGreaterThan(30);
    expect(page).not.toContain('<img src=x');
    expect(page).not.toContain('<script>alert');
    expect(contents(page, 'script')).toHaveLength(2);
  });
});
