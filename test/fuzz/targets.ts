/** What untrusted input is read by, each with a fuzz target and a corpus of its name. */
export const TARGETS = [
  'service-definition',
  'sdk-definition',
  'checkpoint',
  'meta-graph',
  'saved-model',
  'graph-def',
  'tensor-proto',
  'example',
  'certificate',
  'report',
  'workspace-config',
  'outputs',
  'smoke-test-file',
  'baseline',
] as const;

export type Target = (typeof TARGETS)[number];

/** Those for which jsfuzz learns the input's grammar; it takes gigabytes for that where texts have no structure. */
export const JSON_TARGETS: ReadonlySet<Target> = new Set([
  'sdk-definition',
  'workspace-config',
  'outputs',
  'smoke-test-file',
  'baseline',
]);
