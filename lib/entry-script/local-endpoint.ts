import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { FileSnapshot } from '../local/file-snapshot';
import { LocalError } from '../local/local-error';
import type { LocalWorkload, LocalWorkloadStatus } from '../local/local-workload';
import { ServiceFolder } from '../local/service-folder';
import { withLock } from '../local/service-lock';
import { ServiceProcess, type OnProgress } from '../local/service-process';
import { hashWithSecrets, provideSecrets } from '../local/service-secrets';
import { damaged, notFound, portTaken, titleOf } from '../local/workload-errors';
import { exists } from '../files/exists';
import { writePrivateFile } from '../files/private-file';
import type { ServerState } from '../server/serve-configuration';
import { FolderLayout } from '../contract/folder-layout';
import type { EndpointConfiguration } from '../contract/endpoint-configuration';
import { endpointSpecificationSchema, type EndpointSpecification } from '../contract/workload-specification';
import { contentHash, isContent } from '../files/folder-content';
import { readEndpointConfiguration } from './endpoint-configuration';
import { providePythonEnvironment } from './python-environment';
import { messageOf } from '../errors/message-of';

/**
 * What an endpoint was last told to be, kept beside it so that `local up` can start it again: its paths are those of the
 * endpoint's own copies, relative to its folder.
 */
const deployedEndpointSchema = endpointSpecificationSchema.extend({
  /** Names the model's content. */
  modelVersion: z.string(),
});

type DeployedEndpoint = z.infer<typeof deployedEndpointSchema>;

/** An endpoint as `cdktf-brainwave local status --json` prints it; other tools rely on the names. */
export interface LocalEndpointStatus extends LocalWorkloadStatus {
  /** Tells it from a service, which has no `kind`. */
  readonly kind: 'endpoint';
  /** Where to post. A host name below `localhost` or without a DNS record is at `address`. */
  readonly scoringUri: string;
  readonly entryScript: string;
}

/**
 * An online endpoint on this machine: its folder with copies of code and model, keys, certificate and log, and the
 * detached process that serves the entry script.
 */
export class LocalEndpoint implements LocalWorkload {
  readonly kind = 'endpoint';
  private readonly folder: ServiceFolder;
  private readonly process: ServiceProcess;

  /**
   * @param stateFolder where endpoints and Python environments are kept
   * @param projectFolder what a certificate's paths are relative to
   */
  constructor(
    readonly name: string,
    private readonly stateFolder: string,
    private readonly projectFolder: string,
  ) {
    this.folder = new ServiceFolder(stateFolder, name, this.kind);
    this.process = new ServiceProcess(this.folder, 'serve-entry-script', titleOf(this.kind, name));
  }

  /** The endpoints that have a folder, by name. */
  static async list(stateFolder: string, projectFolder: string): Promise<LocalEndpoint[]> {
    const names = await ServiceFolder.names(stateFolder, 'endpoint');
    return names.map((name) => new LocalEndpoint(name, stateFolder, projectFolder));
  }

  /** The folder of its private files; there is none where the endpoint is not deployed. */
  get folderPath(): string {
    return this.folder.path;
  }

  get logFile(): string {
    return this.folder.logFile;
  }

  /** Whether it is up, was, or is about to be: one that was only reserved, or never started, has a folder and no more. */
  wasUp(): Promise<boolean> {
    return exists(this.folder.specificationFile);
  }

  /** Makes the endpoint's folder. */
  async createFolder(): Promise<ServiceFolder> {
    await this.folder.create();
    return this.folder;
  }

  /**
   * Makes sure that the address can be listened on, before anything is built upon it.
   * @throws LocalError PORT_TAKEN
   */
  async reserve(address: string, port: number): Promise<void> {
    if ((await this.process.state())?.port !== port) {
      await this.requireFreePort(address, port);
    }
    await this.createFolder();
  }

  /**
   * Brings the endpoint to what is specified: starts it, or has the new code, model, keys and certificate take the
   * place of the former ones while it serves. When that fails, the endpoint goes on as it was.
   * @throws LocalError START_FAILED or UPDATE_FAILED with the last lines of the script's traceback, PORT_TAKEN,
   * PYTHON_MISSING, PYTHON_PACKAGES, CERTIFICATE_UNUSABLE, FILE_MISSING; SecretFileOpenError where others may read the
   * keys or the private key in its folder
   */
  async up(
    specification: EndpointSpecification,
    onProgress: OnProgress = ignore,
  ): Promise<LocalEndpointStatus> {
    return this.alone(onProgress, () => this.bringUp(specification, onProgress));
  }

  /**
   * Brings the endpoint to what it was last told to be, from its own copies of code and model; starts it where its process
   * has ended.
   * @throws LocalError SERVICE_NOT_FOUND where it was never up
   */
  async upAgain(onProgress: OnProgress = ignore): Promise<LocalEndpointStatus> {
    const deployed = await this.requireDeployed();
    const { code, model, requirements } = deployed;
    const own = (file: string) => path.join(this.folder.path, file);
    if (!(await exists(own(code)))) {
      throw new LocalError(
        'FILE_MISSING',
        `the copies of endpoint "${this.name}" are gone from ${this.deploymentsFolder}; ` +
          'destroy the stack and apply it again',
      );
    }
    return this.up(
      {
        ...deployed,
        code: own(code),
        model: { ...model, path: own(model.path) },
        requirements: own(requirements),
      },
      onProgress,
    );
  }

  /** Stops the endpoint, letting calls in flight end, and removes all it left but the Python environment. */
  async down(onProgress: OnProgress = ignore): Promise<void> {
    await this.alone(onProgress, async () => {
      await this.process.end(onProgress);
      await rm(this.folder.path, { recursive: true, force: true });
    });
  }

  /** How the endpoint stands. */
  async status(): Promise<LocalEndpointStatus> {
    const { address, port, tls, keys, model, modelVersion, entryScript } = await this.requireDeployed();
    const state = await this.process.state();
    const listening = state?.port ?? port;
    const host = tls?.hostname ?? (address.includes(':') ? `[${address}]` : address);
    const present = async (file: string) => ((await exists(file)) ? file : null);
    return {
      kind: 'endpoint',
      name: this.name,
      address,
      port: listening,
      hostname: tls?.hostname ?? null,
      tls: tls !== undefined,
      scoringUri: `${tls ? 'https' : 'http'}://${host}:${listening}/score`,
      pid: state?.pid ?? null,
      ready: state?.ready ?? false,
      entryScript,
      model: model.name,
      modelVersion,
      keyFile: tls && keys ? await present(this.folder.keyFile) : null,
      rootCertificateFile: tls ? await present(this.folder.rootCertificateFile) : null,
      labelsFile: null,
      logFile: this.folder.logFile,
      startedAt: state?.startedAt ?? null,
    };
  }

  /** Two commands that start, change or stop one endpoint would undo each other's work. */
  private alone<T>(onProgress: OnProgress, work: () => Promise<T>): Promise<T> {
    return withLock(this.folder.lockFile, work, (pid) => {
      onProgress(`waiting for process ${pid}, which works on this endpoint`);
    });
  }

  private async bringUp(
    specification: EndpointSpecification,
    onProgress: OnProgress,
  ): Promise<LocalEndpointStatus> {
    await this.folder.requireClosedSecrets();
    await this.createFolder();
    await this.process.endForgotten(onProgress);
    const running = await this.process.state();
    const before = await FileSnapshot.take(this.folder.configuredFiles);
    const former = await readEndpointConfiguration(this.folder.configurationFile).catch(() => undefined);
    let stopped = false;
    let asked: ServerState | undefined;
    try {
      const staysUp = running && former && keepsServing(running, former, specification);
      // Before the running one is stopped: it is better than none.
      if (!staysUp && running?.port !== specification.port) {
        await this.requireFreePort(specification.address, specification.port);
      }
      await provideSecrets(this.folder, specification, this.projectFolder);
      const configuration = await this.writeConfiguration(specification, onProgress);
      if (staysUp) {
        asked = running;
        await this.process.update(running, configuration, onProgress);
      } else {
        if (running) {
          await this.process.stop(running, onProgress);
          stopped = true;
        }
        await this.process.start(configuration, onProgress);
      }
      await this.removeDeployments(configuration);
    } catch (error) {
      // What clients read must go with what is served.
      await before.restore();
      if (asked) {
        await this.process.goBack(asked);
      }
      await this.removeDeployments(former);
      if (stopped && former) {
        await this.startAsItWas(former, onProgress);
      }
      throw error;
    }
    return this.status();
  }

  private async startAsItWas(former: EndpointConfiguration, onProgress: OnProgress): Promise<void> {
    onProgress('the change has failed; the endpoint is started again as it was');
    try {
      await this.process.start(former, onProgress);
    } catch (error) {
      // Why the change failed is what its author must hear.
      onProgress(messageOf(error));
    }
  }

  private async writeConfiguration(
    specification: EndpointSpecification,
    onProgress: OnProgress,
  ): Promise<EndpointConfiguration> {
    const { address, port, entryScript, workers, environment, maxRequestBytes, tls, keys } = specification;
    const deployed = await this.stage(specification);
    const own = (file: string) => path.join(this.folder.path, file);
    const python = await providePythonEnvironment({
      requirements: await readFile(own(deployed.requirements), 'utf8'),
      folder: new FolderLayout(this.stateFolder).pythonEnvironments,
      onProgress,
    });
    const configuration: Omit<EndpointConfiguration, 'revision'> = {
      host: address,
      port,
      python,
      codeFolder: own(deployed.code),
      modelFolder: path.dirname(own(deployed.model.path)),
      entryScript,
      workers,
      environment,
      maxRequestBytes,
      ...(tls && {
        tls: { certificateFile: this.folder.certificateFile, privateKeyFile: this.folder.privateKeyFile },
      }),
      ...(tls && keys && { keyFile: this.folder.keyFile }),
    };
    const complete = { ...configuration, revision: await revisionOf(configuration) };
    await writePrivateFile(this.folder.configurationFile, `${JSON.stringify(complete, undefined, 2)}\n`);
    // Before there is a process: one whose start is interrupted must be found.
    await writePrivateFile(this.folder.specificationFile, `${JSON.stringify(deployed, undefined, 2)}\n`);
    return complete;
  }

  /**
   * Copies code, model and the list of packages, so that the endpoint runs what was deployed, whatever becomes of the
   * originals.
   */
  private async stage(specification: EndpointSpecification): Promise<DeployedEndpoint> {
    const { code, model, requirements } = specification;
    const [codeHash, modelHash, requirementsHash] = [code, model.path, requirements].map(contentHash);
    const hash = createHash('sha256').update([codeHash, modelHash, requirementsHash, model.name].join());
    const name = hash.digest('hex').slice(0, 16);
    const deployment = path.join(this.deploymentsFolder, name);
    if (!(await exists(deployment))) {
      // Whole or not at all: a copy that was interrupted is not taken for the content that its name promises.
      const incomplete = `${deployment}.tmp`;
      await rm(incomplete, { recursive: true, force: true });
      const options = { recursive: true, dereference: true, filter: isContent };
      await cp(code, path.join(incomplete, 'code'), options);
      await cp(model.path, path.join(incomplete, 'model', model.name), options);
      await cp(requirements, path.join(incomplete, 'requirements.txt'));
      await rename(incomplete, deployment);
    }
    const own = path.join('deployments', name);
    return {
      ...specification,
      code: path.join(own, 'code'),
      model: { ...model, path: path.join(own, 'model', model.name) },
      requirements: path.join(own, 'requirements.txt'),
      modelVersion: modelHash.slice(0, 16),
    };
  }

  private async requireDeployed(): Promise<DeployedEndpoint> {
    try {
      const json: unknown = JSON.parse(await readFile(this.folder.specificationFile, 'utf8'));
      return deployedEndpointSchema.parse(json);
    } catch (error) {
      throw (await this.wasUp()) ? damaged(this.folder, error) : await notFound(this.folder, error);
    }
  }

  private async removeDeployments(kept: EndpointConfiguration | undefined): Promise<void> {
    const names = await readdir(this.deploymentsFolder).catch(() => []);
    const used = kept && path.basename(path.dirname(kept.codeFolder));
    for (const name of names.filter((each) => each !== used)) {
      await rm(path.join(this.deploymentsFolder, name), { recursive: true, force: true });
    }
  }

  private get deploymentsFolder(): string {
    return path.join(this.folder.path, 'deployments');
  }

  private requireFreePort(address: string, port: number): Promise<void> {
    return this.process.requireFreePort(address, port, () => portTaken(this.stateFolder, address, port));
  }
}

/** A running process keeps its address, and TLS or none. */
function keepsServing(
  running: ServerState,
  former: EndpointConfiguration,
  { address, port, tls }: EndpointSpecification,
): boolean {
  const samePort = port === 0 || running.port === port;
  return former.host === address && samePort && (former.tls === undefined) === (tls === undefined);
}

/** Changes when anything that is served changes, the secrets included; code and model lie in folders named by hash. */
async function revisionOf(configuration: Omit<EndpointConfiguration, 'revision'>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(configuration));
  return hashWithSecrets(hash, configuration);
}

function ignore(): void {
  // Nobody asked to be told.
}
