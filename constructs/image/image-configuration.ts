import { HEALTH_PORT, MODEL_FILE, SERVICE_PORT } from '../../lib/contract/image-layout';
import type { ServeConfigurationFile } from '../../lib/contract/serve-configuration';
import type { WebserviceSpecification } from '../webservice/compute';

/**
 * Returns the configuration of a scoring server that runs in its image. A compute writes it, with the files that it references,
 * to `CONFIGURATION_FOLDER`.
 * @param settings certificate, keys, and what is particular to the compute
 * @internal
 */
export function imageConfiguration(
  { model, maxInFlight, allowedOrigins }: WebserviceSpecification,
  settings: Partial<ServeConfigurationFile>,
): ServeConfigurationFile {
  return {
    model: { name: model.modelName, version: model.modelVersion, path: MODEL_FILE },
    host: '0.0.0.0',
    port: SERVICE_PORT,
    healthPort: HEALTH_PORT,
    maxInFlight,
    allowedOrigins,
    ...settings,
  };
}
