import { REVISION_VARIABLE } from '../contract/environment';
import type { ServeConfiguration } from '../contract/serve-configuration';
import type { Log } from '../serving/log';
import { readSecrets } from '../serving/secrets';
import type { RunningServer } from '../serving/serving-loop';
import type { OptionNames } from '../validation/option-names';
import { ScoringServer } from './scoring-server';
import type { ScoringServerOptions } from './scoring-server-options';

/**
 * Starts the scoring server that a configuration describes.
 * @param optionNames where the user sets an option; by default, in a file with the configuration
 * @throws the errors of `ScoringServer.start`; ServeConfigurationError if a file cannot be read
 */
export async function startScoringServer(
  configuration: ServeConfiguration,
  log: Log,
  signal: AbortSignal,
  optionNames?: OptionNames,
): Promise<RunningServer<ServeConfiguration>> {
  const server = await ScoringServer.start({ ...(await optionsOf(configuration)), log, optionNames }, signal);
  return {
    port: server.port,
    get healthPort() {
      return server.healthPort;
    },
    reload: async (next) => {
      const options = await optionsOf(next).catch((error: unknown) => {
        server.countFailedReload();
        throw error;
      });
      await server.reload({ ...options, optionNames });
    },
    countFailedReload: () => {
      server.countFailedReload();
    },
    stop: () => server.stop(),
  };
}

async function optionsOf(configuration: ServeConfiguration): Promise<ScoringServerOptions> {
  const { model, host, port, healthPort, healthHost, reflection, tlsTerminatedByProxy } = configuration;
  const { accelerator, allowedOrigins, failedAttempts, maxInFlight, maxRunMs, workers } = configuration;
  const { maxConnectionAgeSeconds, maxConnectionAgeGraceSeconds } = configuration;
  const revision = process.env[REVISION_VARIABLE] ?? configuration.revision;
  return {
    ...{ model, host, port, healthPort, healthHost, reflection, revision, tlsTerminatedByProxy },
    ...{ accelerator, allowedOrigins, failedAttempts, maxInFlight, limits: { workers, maxRunMs } },
    ...{ maxConnectionAgeSeconds, maxConnectionAgeGraceSeconds },
    ...(await readSecrets(configuration)),
  };
}
