/** A file of `lib/` whose compiled form is replaced by a file that contains what it needs. */
export interface Bundle {
  readonly entry: string;
  /** Dependencies that the file contains. The others are loaded rarely, or are native. */
  readonly packages: readonly string[];
  /**
   * Modules that are loaded rarely, as they are imported. They load their own copy of what they share with the bundle, so
   * nothing in it may depend on the classes of their objects.
   */
  readonly onDemand?: readonly string[];
}

export const BUNDLES: readonly Bundle[] = [
  {
    entry: 'cli/calls',
    packages: ['commander'],
    onDemand: ['./local-workloads', '../smoke-test/reports/write-reports'],
  },
  { entry: 'cli/server', packages: ['@opentelemetry/api', 'commander', 'fflate', 'prom-client', 'zod'] },
  { entry: 'server/pipeline/worker/model-worker', packages: [] },
];
