import { AzureError } from './azure-error';
import { BlobStorage } from './blob-storage';
import { noClusterHost, type ClusterHost } from './cluster-host';
import { answerEntra, answerGraph } from './entra';
import { errorResponse, jsonResponse, type AzureRequest, type AzureResponse } from './http';
import { CALLER, SUBSCRIPTION_ID } from './identity';
import type { JsonObject } from './json';
import { KeyVaults } from './key-vaults';
import { AzureProxy } from './proxy';
import { ResourceManager } from './resource-manager';
import { REGISTERED_BY_PROVIDER } from './resource-providers';
import { ResourceStore } from './resource-store';
import { RESOURCE_TYPES } from './resource-types';

/** How to start a simulated Azure. */
export interface AzureSimulatorOptions {
  /** Where the API servers of AKS clusters run. @default - they have none */
  readonly clusters?: ClusterHost;
  /** Told of each request and its answer. @default - nobody is */
  readonly onRequest?: (request: AzureRequest, response: AzureResponse) => void;
}

/** The resources, secrets and blobs of a simulated Azure as text, by id or name. */
export type AzureContents = ReadonlyMap<string, string>;

/** Nobody deletes a run of a task: Azure keeps it for 30 days. */
const REGISTRY_RUN = 'Microsoft.ContainerRegistry/registries/runs';

/**
 * A simulated Azure for the real Terraform providers: Resource Manager, Entra ID, blob storage and Key Vault behind an HTTPS
 * proxy on the loopback. README.md says what it checks and what it does not.
 */
export class AzureSimulator {
  static async start(options: AzureSimulatorOptions = {}): Promise<AzureSimulator> {
    const simulator = new AzureSimulator(options);
    simulator.proxy = await AzureProxy.start((request) => simulator.handle(request));
    return simulator;
  }

  readonly resources: ResourceStore;
  readonly vaults: KeyVaults;
  readonly blobs: BlobStorage;
  private readonly manager: ResourceManager;
  private proxy?: AzureProxy;
  private readonly failures: string[] = [];

  private constructor(private readonly options: AzureSimulatorOptions) {
    this.resources = new ResourceStore(
      RESOURCE_TYPES,
      new Set(REGISTERED_BY_PROVIDER.map((namespace) => namespace.toLowerCase())),
      options.clusters ?? noClusterHost,
    );
    this.vaults = new KeyVaults(this.resources);
    this.blobs = new BlobStorage(this.resources);
    this.manager = new ResourceManager(this.resources);
  }

  /** Adds resources that exist beforehand, parents first. */
  seed(resources: Readonly<Record<string, JsonObject>>): void {
    for (const [id, body] of Object.entries(resources)) {
      this.resources.put(id, body);
    }
  }

  /** PEM of the root that programs must trust. */
  get root(): string {
    return this.running.root;
  }

  /**
   * The variables that lead Terraform and its providers here.
   * @param rootFile a file with `root`
   */
  environment(rootFile: string): Record<string, string> {
    return {
      HTTPS_PROXY: this.running.url,
      NO_PROXY: '127.0.0.1,localhost',
      SSL_CERT_FILE: rootFile,
      ARM_SUBSCRIPTION_ID: SUBSCRIPTION_ID,
      ARM_TENANT_ID: CALLER.tenantId,
      ARM_CLIENT_ID: CALLER.clientId,
      ARM_CLIENT_SECRET: 'simulated',
      ARM_USE_CLI: 'false',
    };
  }

  /** All that there is, to compare, except soft-deleted vaults and secrets, and the history of a registry's builds. */
  get contents(): AzureContents {
    const kept = [...this.resources.all()].filter(({ type }) => type !== REGISTRY_RUN);
    return new Map([
      ...kept.map((resource): [string, string] => [
        resource.id.toLowerCase(),
        JSON.stringify({ ...resource, etag: undefined }),
      ]),
      ...[...this.resources.deletedWorkspaces].map((id): [string, string] => [`deleted workspace ${id}`, '']),
      ...[...this.vaults.values].map(([name, value]): [string, string] => [`secret ${name}`, value]),
      ...[...this.blobs.contents].map(([name, text]): [string, string] => [`blob ${name}`, text]),
    ]);
  }

  /** Requests that the simulator could not answer: what it lacks, not what Azure refuses. */
  get unanswered(): readonly string[] {
    return this.failures;
  }

  async close(): Promise<void> {
    await this.running.close();
  }

  /** Answers a request, as the proxy hands it on. */
  async handle(request: AzureRequest): Promise<AzureResponse> {
    const response = await this.answer(request).catch((error: unknown) => {
      if (error instanceof AzureError) {
        return request.host.endsWith('.core.windows.net') ? { status: error.status } : errorResponse(error);
      }
      const message = error instanceof Error ? error.message : String(error);
      this.failures.push(`${request.method} ${request.host}${request.path}: ${message}`);
      return jsonResponse(501, { error: { code: 'NotSimulated', message } });
    });
    this.options.onRequest?.(request, response);
    return response;
  }

  private async answer(request: AzureRequest): Promise<AzureResponse> {
    const { host } = request;
    if (host === 'login.microsoftonline.com') {
      return answerEntra(request);
    }
    if (host === 'graph.microsoft.com') {
      return answerGraph();
    }
    if (host.endsWith('.core.windows.net')) {
      return this.blobs.answer(request);
    }
    if (host.endsWith('.vault.azure.net')) {
      return this.vaults.answer(request);
    }
    return this.vaults.answerManagement(request) ?? this.manager.answer(request);
  }

  private get running(): AzureProxy {
    if (!this.proxy) {
      throw new Error('the simulated Azure is not started');
    }
    return this.proxy;
  }
}
