import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';

import * as z from 'zod';

import type { WorkloadKind } from '../contract/folder-layout';
import type { KeyPair } from '../contract/key-file';
import { EVERY_ADDRESS, LOOPBACK, METRICS_PATH } from '../contract/operations';
import { formatAddress } from '../connection/address';
import { LocalError } from '../errors/local-error';
import { messageOf } from '../errors/brainwave-error';
import { writePrivateFile } from '../files/secret-file';
import { isMissing } from '../files/whole-file';
import { withLock } from '../process/lock';
import type { ServerState } from '../process/server-state';
import { FileSnapshot } from './file-snapshot';
import { notFound, portTaken } from './workload-errors';
import type {
  CommonConfiguration,
  ContentStatus,
  ListeningAddress,
  WorkloadContent,
  WorkloadSpecification,
} from './workload-content';
import { writeProvidedCertificate } from './workload-certificate';
import { unreadable, type WorkloadFolder } from './workload-folder';
import { writeKeys } from './workload-keys';
import { WorkloadProcess, type OnProgress } from './workload-process';
import { contentHashOf, provideSecrets } from './workload-secrets';

/** Status of a workload, as printed by `cdktf-brainwave local status --json`. Other tools rely on the names. */
export interface LocalWorkloadStatus extends ContentStatus {
  readonly kind: WorkloadKind;
  readonly name: string;
  /** IP address to connect to. */
  readonly address: string;
  readonly port: number;
  /** URL of the metrics; `null` if no process is running. */
  readonly metricsUrl: string | null;
  /** Host name that clients check the certificate against; `null` without TLS. */
  readonly hostname: string | null;
  readonly tls: boolean;
  /** Process id; `null` if no process is running. */
  readonly pid: number | null;
  /** Whether the workload is ready for calls. */
  readonly ready: boolean;
  /** Path of the key file (JSON `{"primaryKey","secondaryKey"}`); `null` if no keys are checked. */
  readonly keyFile: string | null;
  /** PEM file: root certificates that a client must trust in addition to the public ones; `null` if there are none. */
  readonly rootCertificateFile: string | null;
  /** File with one class name per line; `null` if the model has no labels. */
  readonly labelsFile: string | null;
  readonly logFile: string;
  /** Start time (ISO 8601); `null` if no process is running. */
  readonly startedAt: string | null;
}

/** Parts of a configuration that determine whether a running process can switch to it. */
const formerConfigurationSchema = z.object({
  host: z.string(),
  contentHash: z.string(),
  tls: z.unknown().optional(),
});

interface Former<D> {
  readonly configuration: z.infer<typeof formerConfigurationSchema>;
  readonly deployed: D;
}

/**
 * A local workload (a scoring service or an online endpoint): its folder with keys, certificate and log, and the detached
 * process that serves its content.
 */
export class LocalWorkload<S extends WorkloadSpecification = WorkloadSpecification, D extends S = S> {
  private readonly process: WorkloadProcess;

  /**
   * @param projectFolder folder to which paths of certificates are relative
   * @param startTimeoutMs timeout for a start or a change; @default 120,000
   */
  constructor(
    private readonly folder: WorkloadFolder,
    private readonly content: WorkloadContent<S, D>,
    private readonly projectFolder: string,
    startTimeoutMs?: number,
  ) {
    this.process = new WorkloadProcess(folder, content.command, startTimeoutMs);
  }

  get kind(): WorkloadKind {
    return this.folder.kind;
  }

  get name(): string {
    return this.folder.name;
  }

  /** Name of the workload in messages: `service "scoring"`. */
  get title(): string {
    return this.folder.title;
  }

  /** Folder of its private files. Does not exist if the workload is not deployed. */
  get folderPath(): string {
    return this.folder.path;
  }

  get logFile(): string {
    return this.folder.logFile;
  }

  get keyFile(): string {
    return this.folder.keyFile;
  }

  /** Whether the workload was ever started. A reserved workload has only a folder. */
  get wasUp(): boolean {
    return this.folder.wasUp;
  }

  /**
   * Checks that the address is available and creates the folder, before other resources depend on it.
   * @throws LocalError PORT_TAKEN, with the name of the local workload that uses the port, if any
   */
  async reserve(address: ListeningAddress): Promise<void> {
    await this.requireFreePort(address, await this.process.state());
    await this.folder.create();
  }

  /**
   * Writes keys that the stack provides.
   * @throws SecretFileOpenError if others can read the former keys
   */
  async writeKeys(keys: KeyPair): Promise<void> {
    await this.folder.create();
    await writeKeys(this.folder, keys);
  }

  /**
   * Writes a certificate that the stack provides as a value.
   * @throws SecretFileOpenError if others can read the former private key
   */
  async writeCertificate(certificate: string, privateKey: string): Promise<void> {
    await this.folder.create();
    await writeProvidedCertificate(this.folder, certificate, privateKey);
  }

  /**
   * Applies a specification: starts the workload, or updates it while it is running. If that fails, the workload continues
   * unchanged.
   * @throws LocalError START_FAILED or UPDATE_FAILED with the server's reason or the last lines of the log, PORT_TAKEN,
   * CERTIFICATE_UNUSABLE, FILE_MISSING; MODEL_NOT_REGISTERED for a service; PYTHON_MISSING, PYTHON_PACKAGES for an
   * endpoint; SecretFileOpenError if others can read the keys or the private key in its folder
   */
  async up(specification: S, onProgress: OnProgress = ignore): Promise<LocalWorkloadStatus> {
    return this.exclusively(onProgress, () => this.bringUp(specification, onProgress));
  }

  /**
   * Applies the last specification again. Starts the workload if its process has ended.
   * @throws LocalError SERVICE_NOT_FOUND if it was never deployed
   */
  async upAgain(onProgress: OnProgress = ignore): Promise<LocalWorkloadStatus> {
    const deployed = await this.requireDeployed();
    return this.up(await this.content.restore(deployed), onProgress);
  }

  /**
   * Stops the workload after its calls in flight have ended. It keeps its folder, so that `upAgain` starts it with the same
   * keys and certificate.
   */
  async stop(onProgress: OnProgress = ignore): Promise<void> {
    await this.exclusively(onProgress, () => this.process.end(onProgress));
  }

  /** Stops the workload after its calls in flight have ended, and removes its folder. */
  async remove(onProgress: OnProgress = ignore): Promise<void> {
    await this.exclusively(onProgress, async () => {
      await this.process.end(onProgress);
      await rm(this.folder.path, { recursive: true, force: true });
    });
  }

  /** @throws LocalError SERVICE_NOT_FOUND if it was never deployed */
  async status(): Promise<LocalWorkloadStatus> {
    const deployed = await this.requireDeployed();
    const { address, healthAddress, tls, keys } = deployed;
    const state = await this.process.state();
    const port = state?.port ?? deployed.port;
    const present = (file: string) => (existsSync(file) ? file : null);
    return {
      kind: this.kind,
      name: this.name,
      address,
      port,
      metricsUrl: state?.healthPort === undefined ? null : metricsUrl(healthAddress, state.healthPort),
      hostname: tls?.hostname ?? null,
      tls: tls !== undefined,
      pid: state?.pid ?? null,
      ready: state?.ready ?? false,
      ...this.content.describe(deployed, port),
      keyFile: tls && keys ? present(this.folder.keyFile) : null,
      rootCertificateFile: tls ? present(this.folder.rootCertificateFile) : null,
      labelsFile: present(this.folder.labelsFile),
      logFile: this.folder.logFile,
      startedAt: state?.startedAt ?? null,
    };
  }

  /** Runs one command at a time, because concurrent commands on a workload would undo each other's work. */
  private exclusively<T>(onProgress: OnProgress, work: () => Promise<T>): Promise<T> {
    return withLock(this.folder.lockFile, work, (pid) => {
      onProgress(`waiting for process ${pid}, which is changing this ${this.kind}`);
    });
  }

  private async bringUp(specification: S, onProgress: OnProgress): Promise<LocalWorkloadStatus> {
    const { folder, process, content } = this;
    await folder.requireClosedSecrets();
    await folder.create();
    await process.endForgotten(onProgress);
    const running = await process.state();
    await this.requireSameFolder(running);
    const former = await this.readFormer();
    const before = await FileSnapshot.take(folder.configuredFiles);
    let stopped = false;
    let asked: ServerState | undefined;
    try {
      const keepsProcess = running && former && this.canKeep(running, former, specification);
      // Checked before the running process is stopped, so that it keeps running if this fails.
      if (!keepsProcess) {
        await this.requireFreePort(specification, running);
      }
      await provideSecrets(folder, specification, this.projectFolder);
      const { configuration, deployed } = await this.configure(specification, onProgress);
      if (keepsProcess) {
        asked = running;
        await process.update(running, configuration, onProgress);
      } else {
        if (running) {
          await process.stop(running, onProgress);
          stopped = true;
        }
        await process.start(configuration, onProgress);
      }
      await content.removeOthers(deployed);
    } catch (error) {
      // The files that clients read must match what is served.
      await before.restore();
      if (asked) {
        await process.goBack(asked);
      }
      await content.removeOthers(former?.deployed);
      if (stopped && former) {
        await this.startAsItWas(former, onProgress);
      }
      throw error;
    }
    return this.status();
  }

  /** A running process keeps its address, and some servers cannot enable or disable TLS. */
  private canKeep(running: ServerState, { configuration }: Former<D>, { address, port, tls }: S): boolean {
    const sameAddress = configuration.host === address && (port === 0 || running.port === port);
    const sameTls = (configuration.tls === undefined) === (tls === undefined);
    return sameAddress && (sameTls || this.content.switchesTls);
  }

  private async startAsItWas({ configuration }: Former<D>, onProgress: OnProgress): Promise<void> {
    onProgress(`the change failed; restarting the ${this.kind} with its previous configuration`);
    try {
      await this.process.start(configuration, onProgress);
    } catch (error) {
      // Report the error of the change, not this one.
      onProgress(messageOf(error));
    }
  }

  private async configure(specification: S, onProgress: OnProgress) {
    const { folder } = this;
    const { address: host, port, workers, tls, keys } = specification;
    const common: CommonConfiguration = {
      host,
      port,
      workers,
      tls: tls && { certificateFile: folder.certificateFile, privateKeyFile: folder.privateKeyFile },
      keyFile: tls && keys && folder.keyFile,
    };
    const configured = await this.content.configure(specification, common, onProgress);
    const contentHash = await contentHashOf(configured.configuration, configured.contentHash);
    const configuration = { ...configured.configuration, contentHash };
    await writePrivateFile(folder.configurationFile, json(configuration));
    // Written before the process is started, so that a process whose start is interrupted can be found.
    await writePrivateFile(folder.specificationFile, json(configured.deployed));
    return { configuration, deployed: configured.deployed };
  }

  private async readFormer(): Promise<Former<D> | undefined> {
    try {
      const configuration = formerConfigurationSchema.parse(await readJson(this.folder.configurationFile));
      return { configuration, deployed: await this.readDeployed() };
    } catch {
      return undefined;
    }
  }

  private async readDeployed(): Promise<D> {
    return this.content.parse(await readJson(this.folder.specificationFile));
  }

  private async requireDeployed(): Promise<D> {
    try {
      return await this.readDeployed();
    } catch (cause) {
      const { specificationFile } = this.folder;
      if (isSystemError(cause) && !isMissing(cause)) {
        throw unreadable(specificationFile, cause);
      }
      throw this.wasUp
        ? new LocalError(
            'SERVICE_DAMAGED',
            `${specificationFile} is damaged; destroy the stack and apply it again (an apply alone detects no change)`,
            { cause },
          )
        : await notFound(this.folder, cause);
    }
  }

  /** A process reads its files from the folder in which it was started, and would not find a change. */
  private async requireSameFolder(running: ServerState | undefined): Promise<void> {
    const former = running && (await this.process.formerFolder(running));
    if (former !== undefined) {
      throw new LocalError(
        'SERVICE_MOVED',
        `process ${running?.pid} of ${this.title} was started in ${former}, which has been moved to ${this.folder.path}`,
        { remedy: 'move the project back, or destroy the stack and deploy it again' },
      );
    }
  }

  private async requireFreePort(
    listening: ListeningAddress,
    running: ServerState | undefined,
  ): Promise<void> {
    const { stateFolder } = this.folder;
    const { address, port } = listening;
    if (running?.port === port) {
      return;
    }
    await this.process.requireFreePort(address, port, async () => {
      const taken = await portTaken(stateFolder, listening);
      return running
        ? new LocalError(
            'PORT_TAKEN',
            `${taken.finding}, so ${this.title} continues on port ${running.port}`,
            {
              remedy: taken.remedy,
            },
          )
        : taken;
    });
  }
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function ignore(): void {
  // Default if the caller does not need progress messages.
}

function metricsUrl(healthAddress: string | undefined, port: number): string {
  const host =
    healthAddress === undefined || EVERY_ADDRESS.includes(healthAddress) ? LOOPBACK : healthAddress;
  return `http://${formatAddress({ host, port })}${METRICS_PATH}`;
}
