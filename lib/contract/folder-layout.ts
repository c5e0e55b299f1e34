/**
 * The layout of `.cdktf-brainwave`, the folder in a project that holds local workloads, models and reports. Constructs
 * write these paths into the synthesized JSON, relative to the project; programs resolve them against it. Forward
 * slashes everywhere: the JSON must have the same bytes on every machine.
 */

/** The folder itself, relative to the project's folder. */
export const STATE_FOLDER = '.cdktf-brainwave';

/** Kind of a local workload: a scoring service, or an online endpoint that runs an entry script. */
export type WorkloadKind = 'service' | 'endpoint';

const KIND_FOLDERS: Readonly<Record<WorkloadKind, string>> = { service: 'services', endpoint: 'endpoints' };

/** Every kind of workload. */
export const WORKLOAD_KINDS = ['service', 'endpoint'] as const satisfies readonly WorkloadKind[];

/** Files in the folder of a server, on the local machine and on FPGA virtual machines. */
export const SERVER_FILES = {
  /** Configuration that `cdktf-brainwave serve` reads. */
  configuration: 'configuration.json',
  /** PEM: the certificate, followed by the intermediate certificates. */
  certificate: 'certificate.pem',
  /** PEM. */
  privateKey: 'private-key.pem',
  /** JSON `{"primaryKey","secondaryKey"}`. */
  keys: 'keys.json',
  /** PEM: root certificates that clients trust in addition to the public ones. */
  rootCertificate: 'trusted-roots.pem',
} as const;

/** Name of a service definition in a model registry, on Azure, and in the image of the scoring server. */
export const SERVICE_DEFINITION_FILE = 'service-definition.zip';

/** Paths in the state folder. By default relative to the project, as in the synthesized JSON. */
export class FolderLayout {
  constructor(private readonly stateFolder: string = STATE_FOLDER) {}

  /** The default model registry: `<name>/<version>/service-definition.zip`. */
  get models(): string {
    return `${this.stateFolder}/models`;
  }

  /** Python environments of entry scripts, one per list of packages. */
  get pythonEnvironments(): string {
    return `${this.stateFolder}/python`;
  }

  /** The folder of all workloads of a kind. */
  workloads(kind: WorkloadKind): string {
    return `${this.stateFolder}/${KIND_FOLDERS[kind]}`;
  }

  /** The private folder of one workload. */
  workload(kind: WorkloadKind, name: string): string {
    return `${this.workloads(kind)}/${name}`;
  }

  /** Keys of a workload. */
  keyFile(kind: WorkloadKind, name: string): string {
    return `${this.workload(kind, name)}/${SERVER_FILES.keys}`;
  }

  /** Root certificates that clients of a workload trust in addition to the public ones. */
  rootCertificateFile(kind: WorkloadKind, name: string): string {
    return `${this.workload(kind, name)}/${SERVER_FILES.rootCertificate}`;
  }

  /** Certificate that the stack provides as a value, and from which the workload's own is made. */
  providedCertificateFile(kind: WorkloadKind, name: string): string {
    return `${this.workload(kind, name)}/provided-${SERVER_FILES.certificate}`;
  }

  /** Private key of that certificate. */
  providedPrivateKeyFile(kind: WorkloadKind, name: string): string {
    return `${this.workload(kind, name)}/provided-${SERVER_FILES.privateKey}`;
  }

  /** The private folder of one step, which exists only while the step runs. */
  step(name: string): string {
    return `${this.stateFolder}/steps/${name}`;
  }

  /** Keys that a smoke test sends. */
  stepKeyFile(name: string): string {
    return `${this.step(name)}/${SERVER_FILES.keys}`;
  }

  /** Access to the cluster on which a step waits or tests. */
  stepKubeconfigFile(name: string): string {
    return `${this.step(name)}/kubeconfig.json`;
  }

  /** The default JSON report of a smoke test. */
  report(name: string): string {
    return `${this.stateFolder}/reports/${name}.json`;
  }
}
