import type { ClusterPrograms } from '../cluster/programs';

/** What the tests need to know about the cluster. */
export interface ClusterConnection {
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfigFile: string;
  readonly programs: ClusterPrograms;
  /** File to which scenarios add their results, a line of JSON for each. */
  readonly resultsFile: string;
  /** Configuration of Terraform with the providers; without it, resources are converted to manifests. */
  readonly providers?: string;
}

const VARIABLE = 'TEST_CLUSTER';

/** Passes it to the tests, which run in other processes. */
export function provideCluster(connection: ClusterConnection): void {
  process.env[VARIABLE] = JSON.stringify(connection);
}

/** The cluster of this run. */
export function testCluster(): ClusterConnection {
  const json = process.env[VARIABLE];
  if (json === undefined) {
    throw new Error('no test cluster runs; run these tests with `npm run test:kubernetes`');
  }
  return JSON.parse(json) as ClusterConnection;
}
