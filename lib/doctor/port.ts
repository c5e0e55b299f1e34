import { BrainwaveError } from '../errors/brainwave-error';
import { isPortFree } from '../local/free-port';
import { LocalWorkloads } from '../local/local-workloads';
import { portTaken } from '../local/workload-errors';
import type { Check } from './check';

const ADDRESS = '127.0.0.1';

/** Checks that the port for a local service is free or used by a service of this project. */
export const checkPort: Check = async ({ port, projectFolder }) => {
  const check = 'port';
  try {
    if (await isPortFree(ADDRESS, port)) {
      return [{ check, outcome: 'passed', finding: `port ${port} on ${ADDRESS} is free` }];
    }
    const workloads = LocalWorkloads.of(projectFolder);
    const own = await findOwnService(workloads, port);
    if (own !== undefined) {
      const finding = `port ${port} on ${ADDRESS} is used by the service "${own}" of this project`;
      return [{ check, outcome: 'passed', finding }];
    }
    const { finding, remedy } = await portTaken(workloads.stateFolder, ADDRESS, port);
    return [{ check, outcome: 'failed', finding, remedy }];
  } catch (error) {
    if (error instanceof BrainwaveError) {
      return [{ check, outcome: 'failed', finding: error.message }];
    }
    throw error;
  }
};

async function findOwnService(workloads: LocalWorkloads, port: number): Promise<string | undefined> {
  const services = await workloads.deployed(['service']);
  const statuses = await Promise.all(services.map((service) => service.status()));
  return statuses.find((status) => status.pid !== null && status.port === port)?.name;
}
