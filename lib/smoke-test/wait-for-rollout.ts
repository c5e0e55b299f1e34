import { status as GrpcStatus } from '@grpc/grpc-js';

import { PredictionClient } from '../client/prediction-client';
import type { PredictionClientOptions } from '../client/prediction-client-options';
import { CancelledError, InvalidInputError, UnavailableError } from '../errors/prediction-errors';
import type { Rollout } from './smoke-test-options';
import { waitForReadiness, type LookOptions, type WaitUntilReadyOptions } from '../client/readiness';
import { wireVersion } from '../wire/model-version';

/**
 * Waits until new connections reach the model version that is being rolled out, with the key and the certificate of
 * the caller. Until then, a connection may reach a machine that still has the previous ones, so a rejected key or
 * certificate does not end the wait.
 *
 * @throws NotReadyInTimeError with the last reason as its cause; CancelledError if the test is aborted
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
  { deadlineMs, signal }: LookOptions,
): Promise<void> {
  const client = new PredictionClient(connection);
  try {
    const versions = await client.modelStatus({ deadlineMs, signal });
    if (!versions.some(({ version, state }) => version === wanted && state === 'AVAILABLE')) {
      throw new UnavailableError(
        `a machine still serves another version of the model than ${modelVersion}; the rollout is in progress`,
        { grpcStatus: GrpcStatus.UNAVAILABLE },
      );
    }
  } finally {
    client.close();
  }
}
