import { isPortFree } from '../../lib/local/free-port';
import { LocalWorkloads } from '../../lib/local/local-workloads';
import { portTaken } from '../../lib/local/workload-errors';
import { localServices } from './local-services';
import { root } from './project';
import { StepFailedError } from './step-failed-error';

const ADDRESS = '127.0.0.1';

/**
 * Checks that the port of the quickstart, which `PORT` sets, is free or its own service's.
 * @throws StepFailedError with the command that uses the next free port
 */
export async function requirePort({ PORT = '50051' }: NodeJS.ProcessEnv = process.env): Promise<void> {
  const port = Number(PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StepFailedError(`PORT is ${PORT}; expected a whole number from 1 to 65535`);
  }
  if (await isPortFree(ADDRESS, port)) {
    return;
  }
  if ((await localServices()).some((service) => service.port === port && service.pid !== null)) {
    return;
  }
  const { finding } = await portTaken(LocalWorkloads.of(root).stateFolder, { address: ADDRESS, port });
  throw new StepFailedError(
    `${finding}; use the next free one: PORT=${await freePortAfter(port)} npm run quickstart`,
  );
}

async function freePortAfter(port: number): Promise<number> {
  let next = port + 1;
  while (!(await isPortFree(ADDRESS, next))) {
    next += 1;
  }
  return next;
}
