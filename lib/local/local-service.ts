import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import type { ServeConfiguration } from '../contract/serve-configuration';
import { serviceSpecificationSchema, type ServiceSpecification } from '../contract/workload-specification';
import type { ServerState } from '../server/serve-configuration';
import { readServiceDefinition } from '../service-definition/zip-reader';
import { FileSnapshot } from './file-snapshot';
import type { LocalWorkload, LocalWorkloadStatus } from './local-workload';
import { ModelRegistry } from './model-registry';
import { ServiceFolder } from './service-folder';
import { withLock } from './service-lock';
import { ServiceProcess, type OnProgress } from './service-process';
import { hashWithSecrets, provideSecrets } from './service-secrets';
import { damaged, notFound, portTaken, titleOf } from './workload-errors';
import { exists } from '../files/exists';
import { writePrivateFile } from '../files/private-file';

/** A service as `cdktf-brainwave local status --json` prints it; other tools rely on the names. */
export type LocalServiceStatus = LocalWorkloadStatus;

/**
 * A scoring service on this machine: its folder with keys, certificate and log, and the detached process that
 * serves.
 */
export class LocalService implements LocalWorkload {
  readonly kind = 'service';
  private readonly folder: ServiceFolder;
  private readonly process: ServiceProcess;

  /**
   * @param stateFolder where services and models are kept
   * @param projectFolder what a specification's paths are relative to
   * @param startTimeoutMs how long a start or a change may take; @default 120,000
   */
  constructor(
    readonly name: string,
    private readonly stateFolder: string,
    private readonly projectFolder: string,
    startTimeoutMs?: number,
  ) {
    this.folder = new ServiceFolder(stateFolder, name);
    this.process = new ServiceProcess(this.folder, 'serve', titleOf(this.kind, name), startTimeoutMs);
  }

  /** The services that have a folder, by name. */
  static async list(stateFolder: string, projectFolder: string): Promise<LocalService[]> {
    const names = await ServiceFolder.names(stateFolder, 'service');
    return names.map((name) => new LocalService(name, stateFolder, projectFolder));
  }

  /** The folder of its private files; there is none where the service is not deployed. */
  get folderPath(): string {
    return this.folder.path;
  }

  get logFile(): string {
    return this.folder.logFile;
  }

  get keyFile(): string {
    return this.folder.keyFile;
  }

  /** Whether it is up, was, or is about to be: one that was only reserved, or never started, has a folder and no more. */
  async wasUp(): Promise<boolean> {
    return exists(this.folder.specificationFile);
  }

  /** Makes the service's folder. */
  async createFolder(): Promise<ServiceFolder> {
    await this.folder.create();
    return this.folder;
  }

  /**
   * Makes sure that the address can be listened on, before anything is built upon it.
   * @throws LocalError PORT_TAKEN, naming the local service that has it where it is one
   */
  async reserve(address: string, port: number): Promise<void> {
    if ((await this.process.state())?.port !== port) {
      await this.requireFreePort(address, port);
    }
    await this.createFolder();
  }

  /**
   * Brings the service to what is specified, on the address it has: starts it, or changes it while it serves.
   * When a change fails, the service goes on as it was.
   * @throws LocalError START_FAILED or UPDATE_FAILED with the server's reason or the log's last lines,
   * PORT_TAKEN, MODEL_NOT_REGISTERED, CERTIFICATE_UNUSABLE, FILE_MISSING; SecretFileOpenError where others may read
   * the keys or the private key in its folder
   */
  async up(
    specification: ServiceSpecification,
    onProgress: OnProgress = ignore,
  ): Promise<LocalServiceStatus> {
    return this.alone(onProgress, () => this.bringUp(specification, onProgress));
  }

  /**
   * Brings the service to what it was last told to be; starts it where its process has ended.
   * @throws LocalError SERVICE_NOT_FOUND where it was never up
   */
  async upAgain(onProgress: OnProgress = ignore): Promise<LocalServiceStatus> {
    return this.up(await this.requireSpecification(), onProgress);
  }

  /** Stops the service, letting calls in flight end, and removes all it left. */
  async down(onProgress: OnProgress = ignore): Promise<void> {
    await this.alone(onProgress, async () => {
      await this.process.end(onProgress);
      await rm(this.folder.path, { recursive: true, force: true });
    });
  }

  /** How the service stands. */
  async status(): Promise<LocalServiceStatus> {
    const { address, port, tls, keys, model } = await this.requireSpecification();
    const state = await this.process.state();
    const present = async (file: string) => ((await exists(file)) ? file : null);
    return {
      name: this.name,
      address,
      port: state?.port ?? port,
      hostname: tls?.hostname ?? null,
      tls: tls !== undefined,
      pid: state?.pid ?? null,
      ready: state?.ready ?? false,
      model: model.name,
      modelVersion: model.version,
      keyFile: tls && keys ? await present(this.folder.keyFile) : null,
      rootCertificateFile: tls ? await present(this.folder.rootCertificateFile) : null,
      labelsFile: await present(this.folder.labelsFile),
      logFile: this.folder.logFile,
      startedAt: state?.startedAt ?? null,
    };
  }

  /** Two commands that start, change or stop one service would undo each other's work. */
  private alone<T>(onProgress: OnProgress, work: () => Promise<T>): Promise<T> {
    return withLock(this.folder.lockFile, work, (pid) => {
      onProgress(`waiting for process ${pid}, which works on this service`);
    });
  }

  private async bringUp(
    specification: ServiceSpecification,
    onProgress: OnProgress,
  ): Promise<LocalServiceStatus> {
    await this.folder.requireClosedSecrets();
    await this.createFolder();
    await this.process.endForgotten(onProgress);
    const running = await this.process.state();
    const before = await FileSnapshot.take(this.folder.configuredFiles);
    let asked: ServerState | undefined;
    try {
      const keepsAddress = running && (await this.listensOn(running, specification));
      // Before the running one is stopped: it is better than none.
      if (!keepsAddress && running?.port !== specification.port) {
        await this.requireFreePort(specification.address, specification.port);
      }
      await provideSecrets(this.folder, specification, this.projectFolder);
      const configuration = await this.writeConfiguration(specification);
      // Before there is a process: one whose start is interrupted must be found.
      await writePrivateFile(
        this.folder.specificationFile,
        `${JSON.stringify(specification, undefined, 2)}\n`,
      );
      if (keepsAddress) {
        asked = running;
        await this.process.update(running, configuration, onProgress);
      } else {
        if (running) {
          await this.process.stop(running, onProgress);
        }
        await this.process.start(configuration, onProgress);
      }
    } catch (error) {
      // What clients read must go with what is served.
      await before.restore();
      if (asked) {
        await this.process.goBack(asked);
      }
      throw error;
    }
    return this.status();
  }

  private async listensOn(running: ServerState, { address, port }: ServiceSpecification): Promise<boolean> {
    const former = await this.readSpecification().catch(() => undefined);
    return (former?.address ?? address) === address && (port === 0 || running.port === port);
  }

  private async writeConfiguration(specification: ServiceSpecification): Promise<ServeConfiguration> {
    const { model, address, port, tls, keys, workers, maxInFlight } = specification;
    const registry = new ModelRegistry(path.resolve(this.projectFolder, model.registry));
    const registered = await registry.require(model.name, model.version);
    await this.writeLabels(registered.path);
    const configuration: Omit<ServeConfiguration, 'revision'> = {
      model: { name: model.name, version: model.version, path: registered.path },
      host: address,
      port,
      workers,
      ...(maxInFlight !== undefined && { maxInFlight }),
      ...(tls && {
        tls: { certificateFile: this.folder.certificateFile, privateKeyFile: this.folder.privateKeyFile },
      }),
      ...(keys && { keyFile: this.folder.keyFile }),
    };
    const revision = await this.revision(configuration, registered.sha256);
    const complete = { ...configuration, revision };
    await writePrivateFile(this.folder.configurationFile, `${JSON.stringify(complete, undefined, 2)}\n`);
    return complete;
  }

  /** Changes when anything that is served changes, the content of the model and of the secrets included. */
  private async revision(
    configuration: Omit<ServeConfiguration, 'revision'>,
    model: string,
  ): Promise<string> {
    const hash = createHash('sha256').update(JSON.stringify([configuration, model]));
    return hashWithSecrets(hash, configuration);
  }

  private async writeLabels(zip: string): Promise<void> {
    const { labels } = await readServiceDefinition(zip);
    if (labels) {
      await writePrivateFile(this.folder.labelsFile, `${labels.join('\n')}\n`);
    } else {
      await rm(this.folder.labelsFile, { force: true });
    }
  }

  private async readSpecification(): Promise<ServiceSpecification> {
    const json: unknown = JSON.parse(await readFile(this.folder.specificationFile, 'utf8'));
    return serviceSpecificationSchema.parse(json);
  }

  private async requireSpecification(): Promise<ServiceSpecification> {
    try {
      return await this.readSpecification();
    } catch (error) {
      throw (await this.wasUp()) ? damaged(this.folder, error) : await notFound(this.folder, error);
    }
  }

  private requireFreePort(address: string, port: number): Promise<void> {
    return this.process.requireFreePort(address, port, () => portTaken(this.stateFolder, address, port));
  }
}

function ignore(): void {
  // Nobody asked to be told.
}
