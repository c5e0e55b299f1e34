import { htmlReport } from '../../../lib/smoke-test/reports/html';
import { junitReport } from '../../../lib/smoke-test/reports/junit';
import type { SmokeTestReport } from '../../../lib/smoke-test/smoke-test-report';
import { wrongAnswerReport } from '../../smoke-test/reports/sample-reports';

// eslint-disable-next-line no-control-regex -- XML 1.0 has no way to write them
const NOT_IN_XML = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** Text in a report stays text: its page has the marks of the same page about something harmless, and no others. */
export function fuzz(data: Buffer): Promise<void> {
  // What begins and ends it keeps an element from being left out for want of text.
  const [report, harmless] = [reportAbout(`a${data.toString('utf8')}z`), reportAbout('harmless')];
  requireSame('HTML', pageOf(report).replace(/[^<>"']/g, ''), pageOf(harmless).replace(/[^<>"']/g, ''));
  const xml = junitReport(report);
  requireSame('XML', marksOfXml(xml), marksOfXml(junitReport(harmless)));
  if (NOT_IN_XML.test(xml)) {
    throw new Error('the XML holds a character that no reader of XML accepts');
  }
  return Promise.resolve();
}

function requireSame(format: string, got: string, expected: string): void {
  if (got !== expected) {
    throw new Error(`text became markup in ${format}`);
  }
}

function pageOf(report: SmokeTestReport): string {
  return htmlReport(report, new Map([[report.samples[0].path, { omitted: report.samples[0].detail }]]));
}

/** A failed report with a text everywhere where a model, a server or a file name brings one in. */
function reportAbout(text: string): SmokeTestReport {
  const report = wrongAnswerReport();
  const [sample] = report.samples;
  return {
    ...report,
    failure: { check: 'expectations', code: 'EXPECTATION_FAILED', message: text },
    checks: report.checks.map((check) => ({ ...check, detail: text })),
    target: { ...report.target, host: text, serverName: text },
    model: { name: text, versions: [text] },
    ...(report.certificate && {
      certificate: { ...report.certificate, subject: text, issuer: text, names: [text] },
    }),
    ...(report.dns && {
      dns: { ...report.dns, name: text, answers: [{ resolver: text, addresses: [text] }] },
    }),
    samples: [
      {
        ...sample,
        name: text,
        path: text,
        detail: text,
        topClasses: [{ classIndex: 1, label: text, probability: 0.5 }],
        expected: { label: text },
      },
    ],
  };
}

/** Only `<` and the quotes around attributes mean anything in XML, and neither in character data. */
function marksOfXml(xml: string): string {
  return xml.replace(/<!\[CDATA\[[^]*?\]\]>/g, '').replace(/[^<"]/g, '');
}
