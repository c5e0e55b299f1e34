import { running } from './start-cluster';

export default async function stopCluster(): Promise<void> {
  await running.cluster?.stop();
}
