import { nameFlags } from '../../lib/cli/smoke-test-flag-names';

it.each([
  ['warm.durationMs is 0; expected a number above 0', '--duration is 0; expected a number above 0'],
  [
    'expect.top is 5, but no class is expected; give expect.label or expect.classIndex, or leave it out',
    '--top is 5, but no class is expected; give --expect-label or --expect-class, or leave it out',
  ],
  ['certificateFile is root.pem', '--certificate is root.pem'],
  ['rootCertificateFile is root.pem', '--root-certificate is root.pem'],
])('names the flags in place of the options: %s', (message, expected) => {
  expect(nameFlags(message)).toBe(expected);
});

it("leaves alone what only holds an option's name: a label, a file", () => {
  const message = 'the label "modelVersion" is expected; give the file modelVersion.txt, or warm.counts';
  expect(nameFlags(message)).toBe(message);
});
