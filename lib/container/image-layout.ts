/**
 * Where things are in the container image of the scoring server. Computes mount over `CONFIGURATION_FILE` (the image
 * has one that serves without TLS), and put certificates and keys beside it.
 */
export const LIBRARY_FOLDER = '/opt/cdktf-brainwave';
export const MODEL_FILE = `${LIBRARY_FOLDER}/model/service-definition.zip`;
export const CONFIGURATION_FOLDER = '/etc/cdktf-brainwave';
export const CONFIGURATION_FILE = `${CONFIGURATION_FOLDER}/configuration.json`;

/** The user and group that the scoring server runs as; neither may write anywhere in the image. */
export const IMAGE_USER = 65_532;

/** Unprivileged ports, inside the container. */
export const SERVICE_PORT = 50_051;
/** Plaintext, and nothing but health checks. */
export const HEALTH_PORT = 8081;

/** What a container of the image runs unless told otherwise. */
export const SERVE_COMMAND = ['serve', '--config', CONFIGURATION_FILE];
