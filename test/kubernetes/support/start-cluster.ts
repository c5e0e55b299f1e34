import path from 'node:path';

import { TestCluster } from '../cluster/test-cluster';
import { provideCluster } from './cluster-connection';
import { PREPARATION, type Preparation } from './preparation';

/** The cluster of this run, which `stop-cluster.ts` stops. */
export const running: { cluster?: TestCluster } = {};

/** Starts the cluster, once for all tests. */
export default async function startCluster(): Promise<void> {
  const json = process.env[PREPARATION];
  if (json === undefined) {
    throw new Error('nothing is prepared; run these tests with `npm run test:kubernetes`');
  }
  const { programs, folder, images, cgroup, resultsFile, providers } = JSON.parse(json) as Preparation;
  const start = performance.now();
  const cluster = await TestCluster.start({
    programs,
    folder: path.join(folder, 'cluster'),
    images: [images],
    cgroup,
  });
  running.cluster = cluster;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`the cluster is ready after ${seconds} s; logs are in ${folder}/cluster\n`);
  provideCluster({
    programs,
    kubeconfigFile: cluster.kubeconfigFile,
    resultsFile,
    ...(providers && { providers }),
  });
}
