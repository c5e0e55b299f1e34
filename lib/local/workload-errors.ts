import { isInstanceRunning } from '../process/process-identity';
import { readServerState } from '../server/detached-process';
import { LocalError } from './local-error';
import { ServiceFolder, type ServiceKind } from './service-folder';

/** What messages call each kind. */
const TITLES: Record<ServiceKind, string> = { services: 'service', endpoints: 'endpoint' };

/** What messages call one: `service "scoring"`. */
export function titleOf(kind: ServiceKind, name: string): string {
  return `${TITLES[kind]} "${name}"`;
}

/** One that was never up; the message names those that there are. */
export async function notFound(
  { kind, name, stateFolder }: ServiceFolder,
  cause?: unknown,
): Promise<LocalError> {
  const [services, endpoints] = await Promise.all([
    ServiceFolder.names(stateFolder, 'services'),
    ServiceFolder.names(stateFolder, 'endpoints'),
  ]);
  const names = [...services, ...endpoints.map((each) => `${each} (an endpoint)`)].join(', ');
  return new LocalError(
    'SERVICE_NOT_FOUND',
    `there is no ${titleOf(kind, name)} on this machine; ` +
      (names ? `there are ${names}` : `none was deployed from this project (looked in ${stateFolder})`),
    { cause },
  );
}

/** One whose specification cannot be read. */
export function damaged({ specificationFile }: ServiceFolder, cause: unknown): LocalError {
  return new LocalError(
    'SERVICE_DAMAGED',
    `${specificationFile} is damaged; destroy the stack and apply it again: an apply alone finds nothing to change`,
    { cause },
  );
}

/** A port that cannot be listened on; the message names the service or the endpoint of this project that has it. */
export async function portTaken(stateFolder: string, address: string, port: number): Promise<LocalError> {
  for (const kind of ['services', 'endpoints'] as const) {
    for (const name of await ServiceFolder.names(stateFolder, kind)) {
      const state = await readServerState(new ServiceFolder(stateFolder, name, kind).stateFile);
      if (state?.port === port && (await isInstanceRunning(state.pid, state.instance))) {
        return new LocalError(
          'PORT_TAKEN',
          `port ${port} on ${address} is taken by the local ${titleOf(kind, name)}; ` +
            `stop it (\`cdktf-brainwave local down ${name}\`), or set another port: new LocalCompute({ port: … })`,
        );
      }
    }
  }
  return new LocalError(
    'PORT_TAKEN',
    `port ${port} on ${address} is taken by another process (\`lsof -i :${port}\` names it); ` +
      'stop that one, or set another port: new LocalCompute({ port: … })',
  );
}
