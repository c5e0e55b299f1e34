import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import fc from 'fast-check';

import { githubAnnotations, githubSummary, writeGithubReport } from '../../../lib/smoke-test/reports/github';
import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';
import { cat, failedReport, passedReport, untrustedReport, wrongAnswerReport } from './sample-reports';

/** Decodes a command as the runner does (actions/runner, ActionCommand.cs). */
function decode(line: string): { kind: string; title: string; message: string } {
  const [, kind, title, message] = /^::(\w+) title=(.*?)::(.*)$/.exec(line)!;
  const data = (text: string) =>
    text
      .replace(/%0D/g, '\r')
      .replace(/%0A/g, '\n')
      .replace(/%3A/g, ':')
      .replace(/%2C/g, ',')
      .replace(/%25/g, '%');
  return { kind: kind, title: data(title), message: data(message) };
}

function annotations(text: string): ReturnType<typeof decode>[] {
  expect(text.endsWith('\n')).toBe(true);
  return text.trimEnd().split('\n').map(decode);
}

describe('the annotations of a GitHub Actions run', () => {
  it('report that a test passed', () => {
    expect(annotations(githubAnnotations(passedReport()))).toEqual([
      {
        kind: 'notice',
        title: 'Smoke test passed',
        message: 'grpc://scoring.example.com:443 with TLS: 3.7 s',
      },
    ]);
  });

  it('report at which check it failed, why, and how to fix it', () => {
    expect(annotations(githubAnnotations(untrustedReport()))).toEqual([
      {
        kind: 'error',
        title: 'Smoke test failed (tls)',
        message:
          'grpc://scoring.example.com:443 with TLS: the certificate of scoring.example.com is signed by an ' +
          "authority that is not trusted; trust the authority's certificate with --root-certificate-file",
      },
    ]);
  });

  it('name each image that is wrong, as many as a run shows', () => {
    const wrong = wrongAnswerReport();
    expect(annotations(githubAnnotations(wrong)).map(({ title }) => title)).toEqual([
      'Smoke test failed (expectations)',
      'Wrong answer (chelsea.png)',
    ]);
    const samples = Array.from({ length: 30 }, () => wrong.samples[0]);
    expect(annotations(githubAnnotations({ ...wrong, samples }))).toHaveLength(10);
  });

  it('are escaped: neither a message nor a name ends its command, or begins another', () => {
    const hostile = 'a:b,c %0A %25\r\n::set-env name=X::y';
    const report = failedReport(
      'expectations',
      { detail: hostile, code: 'EXPECTATION_FAILED' },
      { samples: [{ ...cat, name: hostile, passed: false, detail: hostile }] },
    );
    const [first, second, ...more] = githubAnnotations(report).trimEnd().split('\n');
    expect(more).toEqual([]);
    expect(first).toContain('a:b,c %250A %2525%0D%0A::set-env');
    expect(second).toContain('title=Wrong answer (a%3Ab%2Cc %250A %2525%0D%0A%3A%3Aset-env');
  });
});

describe('the step summary', () => {
  it('is a table of the checks and one of the samples, with latency and certificate', () => {
    const summary = githubSummary(wrongAnswerReport());
    expect(summary).toContain('## ❌ Smoke test failed');
    expect(summary).toContain('| ✅ | health | 2140 ms |');
    expect(summary).toContain('| ❌ | chelsea.png | tiger cat 52.1 %<br>Egyptian cat 30.2 %');
    expect(summary).toContain('Latency: first 180.4 ms, then p50 21.4 ms');
    expect(summary).toContain('61 days');
  });

  it('shows texts unchanged, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = githubSummary(passedReport({ samples: [{ ...cat, name: '', detail: '' }] }));
        const summary = githubSummary(passedReport({ samples: [{ ...cat, name: text, detail: text }] }));
        const specials = (markdown: string) =>
          markdown.replace(/&#\d+;/g, '').replace(/[^|\n<>`*_[\]\\@~]/g, '');
        expect(specials(summary)).toBe(specials(plain));
      }),
    );
  });

  it('is added to what the step wrote before', async () => {
    const folder = await temporaryFolder();
    afterwards(folder.remove);
    const file = path.join(folder.path, 'summary.md');
    writeFileSync(file, 'before\n');
    const written: string[] = [];
    await writeGithubReport(passedReport(), {
      write: (text) => written.push(text),
      env: { GITHUB_STEP_SUMMARY: file },
    });
    expect(written.join('')).toBe(githubAnnotations(passedReport()));
    expect(readFileSync(file, 'utf8')).toBe(`before\n${githubSummary(passedReport())}`);
  });

  it('is omitted if the runner takes none', async () => {
    const written: string[] = [];
    await writeGithubReport(passedReport(), { write: (text) => written.push(text), env: {} });
    expect(written).toHaveLength(1);
  });

  it('that cannot be written is an error that names the file', async () => {
    const folder = await temporaryFolder();
    afterwards(folder.remove);
    const file = path.join(folder.path, 'folder');
    mkdirSync(file);
    const writing = writeGithubReport(passedReport(), {
      write: () => undefined,
      env: { GITHUB_STEP_SUMMARY: file },
    });
    await expect(writing).rejects.toMatchObject({
      code: 'REPORT_NOT_WRITTEN',
      message:
        `cannot write the step summary ${file} (EISDIR); set GITHUB_STEP_SUMMARY to a writable file, ` +
        'or unset it',
    });
  });
});
