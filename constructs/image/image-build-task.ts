export interface ImageBuildTaskOptions {
  readonly repository: string;
  /** SHA-256 of the build context. */
  readonly tag: string;
  readonly timeoutMinutes: number;
}

/** Its `az`, `python3` and `sha256sum` are all that is used. */
const AZURE_CLI_IMAGE = 'mcr.microsoft.com/azure-cli';

/**
 * What a container registry runs to build an image ("ACR Tasks reference: YAML"): fetch the context as the task's
 * identity, check it, build, push. Its values are `clientId`, `storageAccount`, `container` and `blob`.
 *
 * There is no `$` in the script: the registry would take it for one of its aliases.
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
    // A role that was given a moment ago takes minutes until storage knows of it.
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
