import { AZURE_CLI_IMAGE } from '../../lib/contract/container-images';

export interface ImageBuildTaskOptions {
  readonly repository: string;
  /** SHA-256 of the build context. */
  readonly tag: string;
  readonly timeoutMinutes: number;
}

/**
 * Returns the ACR task that builds an image: download the context with the task's identity, verify it, build, push. Its
 * values are `clientId`, `storageAccount`, `container` and `blob`.
 *
 * The script must not contain `$`, which starts an alias in ACR Tasks.
 * @see https://learn.microsoft.com/azure/container-registry/container-registry-tasks-reference-yaml
 * @internal
 */
export function imageBuildTask({ repository, tag, timeoutMinutes }: ImageBuildTaskOptions): string {
  const fetch = [
    'az login --identity --client-id {{.Values.clientId}} --output none',
    'az storage blob download --auth-mode login --account-name {{.Values.storageAccount}}' +
      ' --container-name {{.Values.container}} --name {{.Values.blob}} --file context.tar --no-progress --output none',
    'break',
  ].join(' && ');
  const script = [
    // A new role assignment takes some minutes to take effect in Azure Storage.
    `for attempt in 1 2 3 4 5 6 7 8 9 10 11 12; do ${fetch}; sleep 20; done`,
    `echo "${tag}  context.tar" | sha256sum --check`,
    'python3 -m tarfile --extract context.tar context',
  ].join(' && ');
  const image = `{{.Run.Registry}}/${repository}:${tag}`;
  return `version: v1.1.0
stepTimeout: ${timeoutMinutes * 60}
steps:
  - id: fetch
    cmd: ${AZURE_CLI_IMAGE} bash -c '${script}'
  - id: build
    build: -t ${image} -f context/Dockerfile context
    when: ["fetch"]
  - id: push
    push: ["${image}"]
    when: ["build"]
`;
}
