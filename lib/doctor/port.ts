import { BrainwaveError } from '../errors/brainwave-error';
import { isPortFree } from '../local/free-port';
import { LocalWorkloads, type OrphanedProcess } from '../local/local-workloads';
import type { Check, Finding } from './check';
import { findListeningProcess, type ListeningProcess } from './listening-process';

const ADDRESS = '127.0.0.1';

/** Checks that the port for a local service is free or used by a service of this project. */
export const checkPort: Check = async ({ port, projectFolder }) => {
  try {
    return [
      (await isPortFree(ADDRESS, port))
        ? { check: 'port', outcome: 'passed', finding: `port ${port} on ${ADDRESS} is free` }
        : await describeOwner(port, projectFolder),
    ];
  } catch (error) {
    if (error instanceof BrainwaveError) {
      return [{ check: 'port', outcome: 'failed', finding: error.message }];
    }
    throw error;
  }
};

async function describeOwner(port: number, projectFolder: string): Promise<Finding> {
  const check = 'port';
  const own = await findOwnService(port, projectFolder);
  if (own !== undefined) {
    const finding = `port ${port} on ${ADDRESS} is used by the service "${own}" of this project`;
    return { check, outcome: 'passed', finding };
  }
  const owner = await findListeningProcess(port);
  const orphan = owner && (await LocalWorkloads.of(projectFolder).orphans()).find(isProcess(owner));
  if (orphan) {
    const { kind, name, pid } = orphan;
    return {
      check,
      outcome: 'failed',
      finding:
        `port ${port} on ${ADDRESS} is used by process ${pid}, which runs the ${kind} "${name}" of this project ` +
        'although its folder was deleted',
      remedy:
        'destroy its stack, which ends the process, and deploy it again; if the state is gone as well, ' +
        `run npx cdktf-brainwave local down ${name}`,
    };
  }
  return {
    check,
    outcome: 'failed',
    finding: `port ${port} on ${ADDRESS} is used by ${
      owner ? `process ${owner.pid} (${owner.name})` : 'a process that this user cannot see'
    }`,
    remedy: owner
      ? `stop it (kill ${owner.pid}) or use another port: new LocalCompute({ port: … })`
      : `find it with \`sudo lsof -i :${port}\` and stop it, or use another port: new LocalCompute({ port: … })`,
  };
}

function isProcess({ pid }: ListeningProcess): (other: OrphanedProcess) => boolean {
  return (other) => other.pid === pid;
}

async function findOwnService(port: number, from: string): Promise<string | undefined> {
  const services = await LocalWorkloads.of(from).deployed(['service']);
  const statuses = await Promise.all(services.map((service) => service.status()));
  return statuses.find((status) => status.pid !== null && status.port === port)?.name;
}
