import { requestedReports } from '../../lib/cli/report-flag';

describe('--report', () => {
  it('reads the format from the extension or the prefix, and accepts several reports', () => {
    expect(
      requestedReports(['a.json', 'b/JUnit.XML', 'c.html', 'd.prom', 'html=e', 'junit=f=1.json']),
    ).toEqual({
      files: [
        { format: 'json', file: 'a.json' },
        { format: 'junit', file: 'b/JUnit.XML' },
        { format: 'html', file: 'c.html' },
        { format: 'prometheus', file: 'd.prom' },
        { format: 'html', file: 'e' },
        { format: 'junit', file: 'f=1.json' },
      ],
      github: false,
    });
  });

  it('accepts github as a format', () => {
    expect(requestedReports(['github', 'a.json'])).toEqual({
      files: [{ format: 'json', file: 'a.json' }],
      github: true,
    });
  });

  it('is empty if it is not set', () => {
    expect(requestedReports(undefined)).toEqual({ files: [], github: false });
  });

  it.each(['report.pdf', 'report', 'html', 'html=', 'pdf=report'])(
    'rejects %s, and lists the formats',
    (value) => {
      expect(() => requestedReports([value])).toThrow(
        `--report is "${value}"; expected github, <format>=<file> with the format json, junit, html, prometheus, ` +
          'or a file that ends in .json, .xml, .html, .htm, .prom',
      );
    },
  );
});
