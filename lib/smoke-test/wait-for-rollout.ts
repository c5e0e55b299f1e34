import { status as GrpcStatus } from '@grpc/grpc-js';

import { PredictionClient } from '../client/prediction-client';
import type { PredictionClientOptions } from '../client/prediction-client-options';
import { CancelledError, InvalidInputError, UnavailableError } from '../errors/prediction-errors';
import { waitForReadiness, type WaitUntilReadyOptions } from '../client/readiness';
import { wireVersion } from '../wire/model-version';

/** A change that reaches the machines of a service one after the other, after the deployment has returned. */
export interface Rollout {
  /** The model version that is to be served. */
  readonly modelVersion: string;
  /** Connections that must meet it one after the other: the load balancer chooses a machine for each. */
  readonly connections: number;
}

/**
 * Waits until new connections meet the model version that is being rolled out, with the key and the certificate of
 * the caller. Until then they may meet a machine that has the former ones: a key or certificate that is refused is
 * waited for, too.
 *
 * @throws NotReadyInTimeError with the last reason as its cause; CancelledError
 */
export async function waitForRollout(
  connection: PredictionClientOptions,
  { modelVersion, connections }: Rollout,
  options: WaitUntilReadyOptions,
): Promise<void> {
  const wanted = wireVersion(modelVersion);
  await waitForReadiness(
    async (look) => {
      for (let count = 0; count < connections; count += 1) {
        await requireVersion(connection, wanted, modelVersion, look);
      }
    },
    {
      ...options,
      keepWaiting: (reason) => !(reason instanceof InvalidInputError || reason instanceof CancelledError),
    },
  );
}

async function requireVersion(
  connection: PredictionClientOptions,
  wanted: number,
  modelVersion: string,
  look: { deadlineMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const client = new PredictionClient(connection);
  try {
    const versions = await client.modelStatus(look);
    if (!versions.some(({ version, state }) => version === wanted && state === 'AVAILABLE')) {
      throw new UnavailableError(
        `a machine still serves another version of the model than ${modelVersion}; the change is under way`,
        { grpcStatus: GrpcStatus.UNAVAILABLE },
      );
    }
  } finally {
    client.close();
  }
}
