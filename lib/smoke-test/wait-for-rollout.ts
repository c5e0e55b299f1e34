import { GrpcStatus } from '../errors/grpc-status';
import { PredictionClient } from '../client/prediction-client';
import type { PredictionClientOptions } from '../client/prediction-client-options';
import { waitForReadiness, type WaitUntilReadyOptions } from '../client/readiness';
import type { CallOptions } from '../client/service-caller';
import { CancelledError, InvalidInputError, UnavailableError } from '../errors/prediction-errors';
import type { ServedRevision } from '../wire/served-revision';
import type { Rollout } from './smoke-test-options';

/**
 * Waits until all new connections reach the revision that is being rolled out, with the key and the certificate of the
 * caller. Until then, a connection may reach a replica that still has the previous ones, so a rejected key or certificate
 * does not end the wait.
 * @param client must reach the revision, too
 * @throws NotReadyInTimeError with the last reason as its cause; CancelledError
 */
export async function waitForRollout(
  client: PredictionClient,
  connection: PredictionClientOptions,
  revision: string,
  { connections, inspect }: Rollout,
  options: WaitUntilReadyOptions,
): Promise<void> {
  await waitForReadiness(
    async ({ deadlineMs, signal }) => {
      const look = { deadlineMs, signal };
      const served = [await client.servedRevision(look)];
      for (let count = 0; count < connections; count += 1) {
        served.push(await revisionOfNewConnection(connection, look));
      }
      const problem = describeOthers(served, revision);
      if (problem !== undefined) {
        throw new UnavailableError(problem, {
          remedy:
            inspect === undefined ? 'wait until the rollout has ended' : `find out why with: ${inspect}`,
          grpcStatus: GrpcStatus.UNAVAILABLE,
        });
      }
    },
    {
      ...options,
      keepWaiting: (reason) => !(reason instanceof InvalidInputError || reason instanceof CancelledError),
    },
  );
}

/**
 * Describes replicas that serve another revision than the expected one: `2 of 3 replicas still serve revision …`. Returns
 * `undefined` if there are none.
 * @param served what each connection reached; `undefined` for a server that reports no revision
 */
export function describeOthers(
  served: readonly (ServedRevision | undefined)[],
  revision: string,
): string | undefined {
  if (served.some((each) => each === undefined)) {
    return `a replica does not report its revision, expected ${revision}`;
  }
  const replicas = new Map(served.flatMap((each) => (each ? [[each.replica, each.revision] as const] : [])));
  const others = [...replicas.values()].filter((each) => each !== revision);
  if (others.length === 0) {
    return undefined;
  }
  const what =
    replicas.size === 1
      ? 'the service still serves'
      : `${others.length} of ${replicas.size} replicas still serve`;
  return `${what} revision ${[...new Set(others)].join(', ')}, expected ${revision}`;
}

async function revisionOfNewConnection(
  connection: PredictionClientOptions,
  look: CallOptions,
): Promise<ServedRevision | undefined> {
  const client = new PredictionClient(connection);
  try {
    return await client.servedRevision(look);
  } finally {
    client.close();
  }
}
