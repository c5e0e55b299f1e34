import { createHash } from 'node:crypto';
import { access, chmod, cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { FileSnapshot } from '../local/file-snapshot';
import { LocalError } from '../local/local-error';
import { ServiceFolder } from '../local/service-folder';
import { withLock } from '../local/service-lock';
import { ServiceProcess, type OnProgress } from '../local/service-process';
import { provideSecrets } from '../local/service-secrets';
import { PRIVATE_FOLDER, writePrivateFile } from '../files/private-file';
import type { ServerState } from '../server/serve-configuration';
import { contentHash, isContent } from './content-hash';
import { readEndpointConfiguration, type EndpointConfiguration } from './endpoint-configuration';
import type { LocalEndpointSpecification } from './local-endpoint-specification';
import { providePythonEnvironment } from './python-environment';

/** How an endpoint on this machine stands. */
export interface LocalEndpointStatus {
  readonly name: string;
  /** Where to post. */
  readonly scoringUri: string;
  readonly port: number;
  /** `null` where no process runs. */
  readonly pid: number | null;
  readonly ready: boolean;
  /** Holds `{"primaryKey","secondaryKey"}`; `null` where the endpoint takes no keys. */
  readonly keyFile: string | null;
  /** What a client must trust beside the public roots; `null` where that is nothing. */
  readonly rootCertificateFile: string | null;
  readonly logFile: string;
}

/**
 * An online endpoint on this machine: its folder with copies of code and model, keys, certificate and log, and the
 * detached process that serves the entry script.
 */
export class LocalEndpoint {
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
    this.folder = new ServiceFolder(stateFolder, name, 'endpoints');
    this.process = new ServiceProcess(this.folder, 'serve-entry-script', `endpoint "${name}"`);
  }

  /** Makes the endpoint's folder. */
  async createFolder(): Promise<ServiceFolder> {
    await mkdir(this.folder.path, { recursive: true, mode: PRIVATE_FOLDER });
    // It may have been there with other permissions.
    await chmod(this.folder.path, PRIVATE_FOLDER);
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
   * PYTHON_MISSING, PYTHON_PACKAGES, CERTIFICATE_UNUSABLE, FILE_MISSING
   */
  async up(specification: LocalEndpointSpecification, onProgress: OnProgress = ignore): Promise<void> {
    await this.alone(onProgress, () => this.bringUp(specification, onProgress));
  }

  /** Stops the endpoint, letting calls in flight end, and removes all it left but the Python environment. */
  async down(onProgress: OnProgress = ignore): Promise<void> {
    await this.alone(onProgress, async () => {
      const running = await this.process.state();
      if (running) {
        await this.process.stop(running, onProgress);
      }
      await rm(this.folder.path, { recursive: true, force: true });
    });
  }

  /** @throws ServeConfigurationError where it was never up */
  async status(): Promise<LocalEndpointStatus> {
    const { host, port, tls, keyFile } = await readEndpointConfiguration(this.folder.configurationFile);
    const state = await this.process.state();
    const listening = state?.port ?? port;
    const roots = this.folder.rootCertificateFile;
    return {
      name: this.name,
      scoringUri: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${listening}/score`,
      port: listening,
      pid: state?.pid ?? null,
      ready: state?.ready ?? false,
      keyFile: keyFile ?? null,
      rootCertificateFile: tls && (await exists(roots)) ? roots : null,
      logFile: this.folder.logFile,
    };
  }

  /** Two commands that start, change or stop one endpoint would undo each other's work. */
  private alone<T>(onProgress: OnProgress, work: () => Promise<T>): Promise<T> {
    return withLock(this.folder.lockFile, work, (pid) => {
      onProgress(`waiting for process ${pid}, which works on this endpoint`);
    });
  }

  private async bringUp(specification: LocalEndpointSpecification, onProgress: OnProgress): Promise<void> {
    await this.createFolder();
    const running = await this.process.state();
    const before = await FileSnapshot.take(this.folder.configuredFiles);
    const former = await readEndpointConfiguration(this.folder.configurationFile).catch(() => undefined);
    try {
      const staysUp = running && former && keepsServing(running, former, specification);
      // Before the running one is stopped: it is better than none.
      if (!staysUp && running?.port !== specification.port) {
        await this.requireFreePort(specification.address, specification.port);
      }
      await provideSecrets(this.folder, specification, this.projectFolder);
      const configuration = await this.writeConfiguration(specification, onProgress);
      if (staysUp) {
        await this.process.update(running, configuration, onProgress);
      } else {
        if (running) {
          await this.process.stop(running, onProgress);
        }
        await this.process.start(configuration, onProgress);
      }
      await this.removeDeployments(configuration);
    } catch (error) {
      // What clients read must go with what is served.
      await before.restore();
      await this.removeDeployments(former);
      throw error;
    }
  }

  private async writeConfiguration(
    specification: LocalEndpointSpecification,
    onProgress: OnProgress,
  ): Promise<EndpointConfiguration> {
    const { address, port, entryScript, workers, environment, maxRequestBytes, tls, keys } = specification;
    const requirements = await readFile(specification.requirements, 'utf8');
    const python = await providePythonEnvironment({
      requirements,
      folder: path.join(this.stateFolder, 'python'),
      onProgress,
    });
    const configuration: Omit<EndpointConfiguration, 'revision'> = {
      host: address,
      port,
      python,
      ...(await this.stage(specification)),
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
    return complete;
  }

  /** Copies code and model, so that the endpoint runs what was deployed, whatever becomes of the originals. */
  private async stage({
    code,
    model,
  }: LocalEndpointSpecification): Promise<Pick<EndpointConfiguration, 'codeFolder' | 'modelFolder'>> {
    const hash = createHash('sha256').update([contentHash(code), contentHash(model.path), model.name].join());
    const deployment = path.join(this.deploymentsFolder, hash.digest('hex').slice(0, 16));
    const codeFolder = path.join(deployment, 'code');
    const modelFolder = path.join(deployment, 'model');
    const options = { recursive: true, dereference: true, filter: isContent };
    await cp(code, codeFolder, options);
    await cp(model.path, path.join(modelFolder, model.name), options);
    return { codeFolder, modelFolder };
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
    return this.process.requireFreePort(address, port, () =>
      Promise.resolve(
        new LocalError(
          'PORT_TAKEN',
          `port ${port} on ${address} is taken by another process (\`lsof -i :${port}\` names it); ` +
            'stop that one, or set another port: new LocalCompute({ port: … })',
        ),
      ),
    );
  }
}

/** A running process keeps its address, and TLS or none. */
function keepsServing(
  running: ServerState,
  former: EndpointConfiguration,
  { address, port, tls }: LocalEndpointSpecification,
): boolean {
  const samePort = port === 0 || running.port === port;
  return former.host === address && samePort && (former.tls === undefined) === (tls === undefined);
}

/** Changes when anything that is served changes, the secrets included; code and model lie in folders named by hash. */
async function revisionOf(configuration: Omit<EndpointConfiguration, 'revision'>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(configuration));
  const { tls, keyFile } = configuration;
  for (const file of [tls?.certificateFile, tls?.privateKeyFile, keyFile]) {
    hash.update(file === undefined ? '' : await readFile(file));
  }
  return hash.digest('hex');
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function ignore(): void {
  // Nobody asked to be told.
}
