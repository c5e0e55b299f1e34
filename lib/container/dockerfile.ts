import { MEMORY_ENVIRONMENT } from '../process/server-environment';
import {
  CONFIGURATION_FILE,
  HEALTH_PORT,
  IMAGE_USER,
  LIBRARY_FOLDER,
  SERVE_COMMAND,
  SERVICE_PORT,
} from '../contract/image-layout';

/**
 * Creates the Dockerfile of a scoring server. The server runs as a user that owns no files and writes none, so run it
 * with a read-only root file system.
 * @param baseImage has `node` (20.12 or later), `npm`, a shell and the GNU C library
 */
export function dockerfile(baseImage: string): string {
  const main = `${LIBRARY_FOLDER}/dist/lib/cli/main.js`;
  const memory = Object.entries(MEMORY_ENVIRONMENT)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
  return `FROM ${baseImage} AS packages
WORKDIR ${LIBRARY_FOLDER}
COPY package.json ./
# Install scripts would run as root and download what is not in a package; none of these packages needs its own.
RUN npm install --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier \\
  && cd node_modules \\
  && rm -rf onnxruntime-node/bin/*/darwin onnxruntime-node/bin/*/win32 @tensorflow/*/dist/*.map \\
    onnxruntime-node/bin/*/linux/$(node -p "process.arch === 'x64' ? 'arm64' : 'x64'")

FROM ${baseImage}
ENV NODE_ENV=production ${memory}
WORKDIR ${LIBRARY_FOLDER}
COPY --from=packages ${LIBRARY_FOLDER}/ ./
COPY dist/ ./dist/
COPY proto/ ./proto/
COPY model/ ./model/
COPY configuration.json ${CONFIGURATION_FILE}
USER ${IMAGE_USER}:${IMAGE_USER}
EXPOSE ${SERVICE_PORT} ${HEALTH_PORT}
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \\
  CMD ${json(['node', main, 'health', '--config', CONFIGURATION_FILE])}
ENTRYPOINT ${json(['node', main])}
CMD ${json(SERVE_COMMAND)}
`;
}

function json(command: readonly string[]): string {
  return JSON.stringify(command);
}
