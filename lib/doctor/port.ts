import { BrainwaveError } from '../errors/brainwave-error';
import { isPortFree } from '../local/free-port';
import { LocalWorkloads } from '../local/local-workloads';
import { portTaken } from '../local/workload-errors';
import type { Check, Finding } from './check';
import { localListeners, type LocalListener } from './synthesized-stacks';

const DEFAULT_LISTENER: LocalListener = { address: '127.0.0.1', port: 50_051 };

/** Checks that the ports for local services are free or used by services of this project. */
export const checkPort: Check = async ({ port, projectFolder }) => {
  const declared = port === undefined ? await localListeners(projectFolder) : [{ ...DEFAULT_LISTENER, port }];
  const listeners = declared.length > 0 ? declared : [DEFAULT_LISTENER];
  return Promise.all(listeners.map((listener) => checkListener(LocalWorkloads.of(projectFolder), listener)));
};

async function checkListener(workloads: LocalWorkloads, listener: LocalListener): Promise<Finding> {
  const { address, port } = listener;
  const check = 'port';
  try {
    if (await isPortFree(address, port)) {
      return { check, outcome: 'passed', finding: `port ${port} on ${address} is free` };
    }
    const own = await findOwnService(workloads, port);
    if (own !== undefined) {
      const finding = `port ${port} on ${address} is used by the service "${own}" of this project`;
      return { check, outcome: 'passed', finding };
    }
    const { finding, remedy } = await portTaken(workloads.stateFolder, listener);
    return { check, outcome: 'failed', finding, remedy };
  } catch (error) {
    if (error instanceof BrainwaveError) {
      return { check, outcome: 'failed', finding: error.message };
    }
    throw error;
  }
}

async function findOwnService(workloads: LocalWorkloads, port: number): Promise<string | undefined> {
  const services = await workloads.deployed(['service']);
  const statuses = await Promise.all(services.map((service) => service.status()));
  return statuses.find((status) => status.pid !== null && status.port === port)?.name;
}
