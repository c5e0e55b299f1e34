/** What untrusted input is read by, each with a fuzz target and a corpus of its name. */
export const targets = [
  'service-definition',
  'graph-def',
  'tensor-proto',
  'certificate',
  'report',
  'workspace-config',
  'outputs',
  'smoke-test-file',
  'baseline',
] as const;

export type Target = (typeof targets)[number];

/** Those for which jsfuzz learns the input's grammar; it takes gigabytes for that where texts have no structure. */
export const jsonTargets: ReadonlySet<Target> = new Set([
  'workspace-config',
  'outputs',
  'smoke-test-file',
  'baseline',
]);
