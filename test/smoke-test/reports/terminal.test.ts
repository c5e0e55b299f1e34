import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

import { consoleReport } from '../../../lib/smoke-test/reports/console-report';
import { TerminalReport } from '../../../lib/smoke-test/reports/terminal';
import { afterwards } from '../../support/cleanup';
import { Screen } from '../../support/screen';
import { until } from '../../support/until';
import { passedReport, checks, untrustedReport } from './sample-reports';

function terminal({ columns = 80, color = true } = {}) {
  const screen = new Screen(columns);
  const report = new TerminalReport({ terminal: screen, color });
  afterwards(() => {
    report.close();
  });
  return { screen, report };
}

const waiting = {
  kind: 'waiting',
  check: 'health',
  elapsedMs: 30_000,
  timeoutMs: 120_000,
  reason: 'the model is loading',
} as const;

describe('a smoke test on a terminal', () => {
  it('shows the check at work below those that ended', () => {
    const { screen, report } = terminal({ columns: 200 });
    const [first] = checks();
    report.onEvent({ kind: 'check-started', check: 'dns' });
    expect(screen.lines).toEqual([expect.stringMatching(/^[⠋-⠿] dns$/)]);
    report.onEvent({ kind: 'check-ended', check: first });
    report.onEvent({ kind: 'check-started', check: 'tcp' });
    expect(screen.lines).toEqual([
      '✓ dns (38 ms): scoring.example.com is 203.0.113.7 on the system resolver and on 9.9.9.9',
      expect.stringMatching(/^[⠋-⠿] tcp$/),
    ]);
  });

  it('shows a bar and the reason while it waits', () => {
    const { screen, report } = terminal();
    report.onEvent({ kind: 'check-started', check: 'health' });
    report.onEvent(waiting);
    expect(screen.lines.at(-1)).toMatch(/^[⠋-⠿] health ━{6}─{18} 30 of 120 s: the model is loading$/);
  });

  it.each([
    [{ done: 120, total: 200, unit: 'calls' } as const, /^[⠋-⠿] warm-calls ━{14}─{10} 120 of 200 calls$/],
    [{ done: 5000, total: 20_000, unit: 'ms' } as const, /^[⠋-⠿] warm-calls ━{6}─{18} 5 of 20 s$/],
  ])('shows a bar while it loads: %j', (progress, line) => {
    const { screen, report } = terminal();
    report.onEvent({ kind: 'check-started', check: 'warm-calls' });
    report.onEvent({ kind: 'progress', check: 'warm-calls', ...progress });
    expect(screen.lines).toEqual([expect.stringMatching(line)]);
  });

  it('keeps moving while nothing happens', async () => {
    const { screen, report } = terminal();
    report.onEvent({ kind: 'check-started', check: 'health' });
    const [first] = screen.lines;
    await until(() => screen.lines[0] !== first);
    expect(screen.lines).toHaveLength(1);
  });

  it.each([12, 30, 60, 200])('keeps its moving line on one row of %d columns', (columns) => {
    const { screen, report } = terminal({ columns });
    report.onEvent({ kind: 'check-started', check: 'health' });
    report.onEvent({ ...waiting, reason: 'モデルを読み込んでいます '.repeat(20) });
    expect(screen.lines).toHaveLength(1);
    const wide = Array.from(screen.lines[0], (each) => (each.codePointAt(0)! > 0x3000 ? 2 : 1));
    expect(wide.reduce((sum, each) => sum + each, 0)).toBeLessThan(columns);
  });

  it('leaves nothing of the moving line when it ends', () => {
    const { screen, report } = terminal({ columns: 200 });
    for (const check of checks()) {
      report.onEvent({ kind: 'check-started', check: check.name });
      report.onEvent({ ...waiting, check: check.name });
      report.onEvent({ kind: 'check-ended', check });
    }
    report.onEvent({ kind: 'check-started', check: 'expectations' });
    report.finish(passedReport());
    expect(screen.lines.filter((line) => line.startsWith('✓'))).toHaveLength(8);
    expect(screen.lines.at(-2)).toBe('smoke test passed');
    expect(screen.lines.at(-1)).toBe('');
    expect(screen.lines.join('\n')).not.toMatch(/[⠋-⠿━]/);
  });

  it('clears it if a test ends without a report', () => {
    const { screen, report } = terminal();
    report.onEvent({ kind: 'check-started', check: 'health' });
    report.close();
    expect(screen.lines).toEqual(['']);
  });

  it('shows the verdict where nothing was begun', () => {
    const { screen, report } = terminal({ columns: 300 });
    report.finish(untrustedReport());
    expect(screen.lines[0]).toContain('smoke test failed: the certificate of scoring.example.com');
  });

  it('writes no colors if disabled', () => {
    const { screen, report } = terminal({ color: false });
    report.onEvent({ kind: 'check-started', check: 'health' });
    report.onEvent(waiting);
    report.finish(passedReport());
    expect(stripVTControlCharacters(screen.written)).toBe(screen.written.replaceAll('\u001b[K', ''));
  });

  it('ignores control characters of a service', () => {
    const { screen, report } = terminal();
    report.onEvent({ kind: 'check-started', check: 'health' });
    report.onEvent({ ...waiting, reason: 'a\u001b[2J\nb' });
    expect(screen.lines).toEqual([expect.stringContaining('a?[2J b')]);
  });
});

describe('where a smoke test is shown', () => {
  const screen = () => new Screen(80) as unknown as NodeJS.WriteStream;

  it.each([
    ['on a terminal', screen(), { TERM: 'xterm' }, TerminalReport.name],
    ['on a terminal that can draw nothing', screen(), { TERM: 'dumb' }, 'TextReport'],
    ["on a CI runner's terminal", screen(), { TERM: 'xterm', CI: 'true' }, 'TextReport'],
    ['in a pipe', new PassThrough() as unknown as NodeJS.WriteStream, { TERM: 'xterm' }, 'TextReport'],
  ])('%s', (_, stream, env, kind) => {
    expect(consoleReport(stream, true, env).constructor.name).toBe(kind);
  });

  it('in a pipe it is plain lines', () => {
    const pipe = new PassThrough();
    const report = consoleReport(pipe as unknown as NodeJS.WriteStream, false, {});
    report.onEvent({ kind: 'check-ended', check: checks()[1] });
    expect(String(pipe.read())).toBe('✓ tcp (13 ms): 203.0.113.7:443 accepts connections\n');
  });
});
