import { SERVER_FILES, SERVICE_DEFINITION_FILE } from './folder-layout';

/**
 * Layout of the scoring server's container image. Computes mount their configuration over `CONFIGURATION_FILE` (the
 * image contains one that serves without TLS) and put certificates and keys in the same folder.
 */
export const LIBRARY_FOLDER = '/opt/cdktf-brainwave';
export const MODEL_FILE = `${LIBRARY_FOLDER}/model/${SERVICE_DEFINITION_FILE}`;
export const CONFIGURATION_FOLDER = '/etc/cdktf-brainwave';
export const CONFIGURATION_FILE = `${CONFIGURATION_FOLDER}/${SERVER_FILES.configuration}`;

/** User id and group id of the scoring server, which may not write anywhere in the image. */
export const IMAGE_USER = 65_532;

/** Unprivileged ports, inside the container. */
export const SERVICE_PORT = 50_051;
/** Plaintext port that serves only health checks and metrics. */
export const HEALTH_PORT = 8081;
/** Name of the health port in a pod, which a `PodMonitor` refers to. */
export const HEALTH_PORT_NAME = 'health';

/** Default command of a container. */
export const SERVE_COMMAND = ['serve', '--config', CONFIGURATION_FILE];

/** Command that writes the model repository of Triton to a folder. */
export function repositoryCommand(folder: string): string[] {
  return ['triton-repository', '--model', MODEL_FILE, '--output', folder];
}
