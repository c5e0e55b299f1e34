import { BrainwaveError } from '../errors/brainwave-error';
import { deployedOf } from '../local/deployed-workloads';
import { isPortFree } from '../local/free-port';
import { LocalService } from '../local/local-service';
import { findOrphanedProcesses, type OrphanedProcess } from '../local/orphaned-process';
import { findProjectFolder, findStateFolder } from '../local/project-folder';
import { titleOf } from '../local/workload-errors';
import type { Check, Finding } from './check';
import { findListeningProcess, type ListeningProcess } from './listening-process';

const ADDRESS = '127.0.0.1';

/** The port of a local service: free, or taken by a service of this project. */
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
    const finding = `port ${port} on ${ADDRESS} has the service "${own}" of this project`;
    return { check, outcome: 'passed', finding };
  }
  const owner = await findListeningProcess(port);
  const orphan =
    owner && (await findOrphanedProcesses(findStateFolder(projectFolder))).find(isProcess(owner));
  if (orphan) {
    const { kind, name, pid } = orphan;
    return {
      check,
      outcome: 'failed',
      finding:
        `port ${port} on ${ADDRESS} is taken by process ${pid}, which serves the ${titleOf(kind, name)} of this project ` +
        'although its folder was removed',
      remedy:
        'destroy its stack, which ends the process, and deploy it again; where the state is gone, too, ' +
        `npx cdktf-brainwave local down ${name} ends it`,
    };
  }
  return {
    check,
    outcome: 'failed',
    finding: `port ${port} on ${ADDRESS} is taken by ${
      owner ? `process ${owner.pid} (${owner.name})` : 'a process that is not shown to this user'
    }`,
    remedy: owner
      ? `end it (kill ${owner.pid}), or choose another port: new LocalCompute({ port: … })`
      : `\`sudo lsof -i :${port}\` names it; end it, or choose another port: new LocalCompute({ port: … })`,
  };
}

function isProcess({ pid }: ListeningProcess): (other: OrphanedProcess) => boolean {
  return (other) => other.pid === pid;
}

async function findOwnService(port: number, from: string): Promise<string | undefined> {
  const services = await deployedOf(await LocalService.list(findStateFolder(from), findProjectFolder(from)));
  const statuses = await Promise.all(services.map((service) => service.status()));
  return statuses.find((status) => status.pid !== null && status.port === port)?.name;
}
