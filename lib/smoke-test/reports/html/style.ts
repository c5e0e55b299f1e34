/** Style sheet: light or dark like the reader's system, always light in print. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f4f6f9; --card: #fff; --line: #dde2ea; --text: #161a22; --quiet: #566072; --track: #e9edf3;
  --pass: #12703c; --pass-soft: #e3f5ea; --fail: #b3231b; --fail-soft: #fdebe9; --warn: #8a5300;
  --accent: #2f5fd0; --accent-soft: #9db6ee;
}
@media (prefers-color-scheme: dark) {
  :root:not(.paper) {
    --page: #0e1116; --card: #171b22; --line: #2a303a; --text: #e8ebf1; --quiet: #a3adbd; --track: #262c36;
    --pass: #5bd18d; --pass-soft: #12301f; --fail: #ff8f85; --fail-soft: #3a1715; --warn: #f0b458;
    --accent: #86abff; --accent-soft: #3d5694;
  }
}
:root.paper { color-scheme: light; --page: #fff; }
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 1060px; margin: 0 auto; padding: 32px 20px 48px; display: grid; gap: 20px; }
h1, h2, h3, p, dl, dd, figure, table { margin: 0; }
h1 { font-size: 26px; line-height: 1.25; letter-spacing: -0.01em; }
h2 { font-size: 17px; margin-bottom: 14px; }
h3 { font-size: 15px; overflow-wrap: anywhere; }
section, header { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 22px 24px; }
section { min-width: 0; }
code, pre { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
pre { margin: 0; padding: 12px 14px; background: var(--page); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.quiet { color: var(--quiet); }
.pass { color: var(--pass); } .fail { color: var(--fail); } .warn { color: var(--warn); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.mark { flex: none; display: inline-grid; place-items: center; width: 1.5em; height: 1.5em; border-radius: 50%; font-weight: 700; font-size: 0.8em; }
.mark.pass { background: var(--pass-soft); } .mark.fail { background: var(--fail-soft); } .mark.quiet { background: var(--track); }

.verdict { border-top: 5px solid var(--pass); }
.verdict.failed { border-top-color: var(--fail); }
.verdict h1 { display: flex; align-items: center; gap: 12px; }
.verdict .address { margin-top: 4px; font-size: 16px; overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 14px 28px; margin-top: 18px; }
.facts dt, .pairs dt { color: var(--quiet); font-size: 13px; }
.facts dd { font-weight: 500; overflow-wrap: anywhere; }
.failure { border-color: var(--fail); background: var(--fail-soft); }
.failure h2 { margin-bottom: 6px; }
.failure p { overflow-wrap: anywhere; }
.failure .remedy { margin-top: 12px; padding: 12px 14px; background: var(--card); border-radius: 8px; }

.checks th, .checks td { padding: 9px 14px 9px 0; border-top: 1px solid var(--line); vertical-align: top; }
.checks tr:first-child > * { border-top: 0; }
.checks th { white-space: nowrap; }
.checks th span:last-child { margin-left: 8px; }
.checks td:last-child { padding-right: 0; overflow-wrap: anywhere; width: 50%; }
.checks .time { width: 26%; }
.checks .time svg { margin-top: 7px; }
.scroll { overflow-x: auto; }
svg.bar { display: block; width: 100%; height: 10px; overflow: visible; }
.track { fill: var(--track); } .fill { fill: var(--accent-soft); } .first .fill { fill: var(--accent); }
.checks .fill { fill: var(--pass); } .checks .failed .fill { fill: var(--fail); }

.samples { display: grid; gap: 16px; }
.sample { display: grid; grid-template-columns: 190px 1fr; gap: 20px; padding-top: 16px; border-top: 1px solid var(--line); }
.sample:first-child { border-top: 0; padding-top: 0; }
.sample > * { min-width: 0; }
.sample.plain { grid-template-columns: 1fr; }
.sample img { display: block; width: 100%; max-height: 220px; object-fit: contain; border-radius: 8px; background: var(--track); }
.sample .omitted { padding: 24px 14px; border-radius: 8px; background: var(--track); font-size: 13px; color: var(--quiet); }
.sample h3 { display: flex; align-items: center; gap: 8px; }
.sample .found { margin: 4px 0 10px; overflow-wrap: anywhere; }
.classes th, .classes td { padding: 3px 0; }
.classes th { width: 34%; padding-right: 14px; overflow-wrap: anywhere; }
.classes .first th, .classes .first .number { font-weight: 650; }
.classes .number { width: 76px; }
.tag { display: inline-block; margin-left: 6px; padding: 0 7px; border: 1px solid currentColor; border-radius: 99px; font-size: 12px; font-weight: 500; }
.expected { margin-top: 8px; font-size: 13px; color: var(--quiet); overflow-wrap: anywhere; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(108px, 1fr)); gap: 8px; }
.figures div { background: var(--page); border-radius: 8px; padding: 10px; }
.figures dt { color: var(--quiet); font-size: 13px; }
.figures dd { font-size: 19px; font-weight: 600; white-space: nowrap; font-variant-numeric: tabular-nums; }
.figures dd small { font-size: 13px; font-weight: 400; color: var(--quiet); }
.figures .budget { font-size: 12px; font-weight: 500; white-space: normal; }
.histogram { margin-top: 18px; }
.histogram figcaption { color: var(--quiet); font-size: 13px; min-height: 1.5em; }
#histogram { min-height: 230px; }
noscript p { color: var(--quiet); padding: 20px 0; }

.pairs { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 14px 28px; }
.pairs dd { overflow-wrap: anywhere; }
.pairs .wide { grid-column: 1 / -1; }
footer { color: var(--quiet); font-size: 13px; text-align: center; }

@media (max-width: 640px) {
  .sample { grid-template-columns: 1fr; }
  .sample img { max-height: 260px; }
  .checks tbody tr { display: grid; grid-template-columns: 1fr auto; padding: 8px 0; border-top: 1px solid var(--line); }
  .checks tbody tr:first-child { border-top: 0; }
  .checks tbody th, .checks tbody td { padding: 0; border: 0; width: auto; }
  .checks .time { display: none; }
  .checks tbody td:last-child { grid-column: 1 / -1; width: auto; padding-left: 28px; }
}
@media print {
  @page { margin: 14mm; }
  body { font-size: 11pt; }
  main { max-width: none; padding: 0; gap: 12px; }
  section, header { break-inside: avoid; padding: 14px 16px; }
  .samples-section, .checks-section { break-inside: auto; }
  .sample, tr { break-inside: avoid; }
  section, header, .mark, .failure, .figures div { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
