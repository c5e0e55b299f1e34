import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { jsonReport } from '../../../lib/smoke-test/reports/write-reports';
import { REPORT_FORMATS } from '../../../lib/smoke-test/reports/report-format';
import { writeReports } from '../../../lib/smoke-test/reports/write-reports';
import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';
import { cat, httpReport, passedReport, untrustedReport } from './sample-reports';

async function folder(): Promise<string> {
  const made = await temporaryFolder();
  afterwards(made.remove);
  return made.path;
}

describe('the reports of a smoke test', () => {
  it('are written several at once, into folders that are made', async () => {
    const root = await folder();
    const outputs = REPORT_FORMATS.map((format) => ({ format, file: path.join(root, 'a/b', format) }));
    await writeReports(passedReport(), outputs);
    const beginnings = ['{\n  "schemaVersion"', '<?xml version', '<!doctype html>', '# HELP cdktf_'];
    expect(readdirSync(path.join(root, 'a/b')).sort()).toEqual([...REPORT_FORMATS].sort());
    expect(
      outputs.map(({ file }, index) => readFileSync(file, 'utf8').startsWith(beginnings[index])),
    ).toEqual([true, true, true, true]);
  });

  it('never hold the file of a request over HTTP', async () => {
    const file = path.join(await folder(), 'report.html');
    const [sample] = httpReport().samples;
    const report = { ...httpReport(), samples: [{ ...sample, path: cat.path }] };
    await writeReports(report, [{ format: 'html', file }]);
    expect(readFileSync(file, 'utf8')).not.toContain('data:image');
    expect(readFileSync(file, 'utf8')).toContain(sample.name);
  });

  it('replace existing files', async () => {
    const file = path.join(await folder(), 'report.json');
    await writeReports(untrustedReport(), [{ format: 'json', file }]);
    await writeReports(passedReport(), [{ format: 'json', file }]);
    expect(readFileSync(file, 'utf8')).toBe(jsonReport(passedReport()));
  });

  it('are the same bytes for the same result', async () => {
    const root = await folder();
    const outputs = (run: string) =>
      REPORT_FORMATS.map((format) => ({ format, file: path.join(root, run, format) }));
    await writeReports(passedReport(), outputs('one'));
    await writeReports(passedReport(), outputs('two'));
    const read = (run: string) => outputs(run).map(({ file }) => readFileSync(file, 'utf8'));
    expect(read('one')).toEqual(read('two'));
  });

  it('are written as far as they can be; the error names the others, and nothing half written is left', async () => {
    const parent = await folder();
    const root = path.join(parent, 'reports');
    mkdirSync(root);
    writeFileSync(path.join(root, 'file'), '');
    const impossible = path.join(root, 'file/folder/report.xml');
    const writing = writeReports(passedReport(), [
      { format: 'junit', file: impossible },
      { format: 'html', file: root },
      { format: 'json', file: path.join(root, 'report.json') },
    ]);
    await expect(writing).rejects.toMatchObject({
      code: 'REPORT_NOT_WRITTEN',
      message:
        `cannot write the junit report ${impossible} (ENOTDIR), cannot write the html report ${root} (EISDIR); ` +
        'choose a file in a writable folder',
    });
    expect(readdirSync(parent)).toEqual(['reports']);
    expect(readdirSync(root).sort()).toEqual(['file', 'report.json']);
  });
});
