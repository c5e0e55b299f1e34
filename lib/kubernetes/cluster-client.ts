import http from 'node:http';
import https from 'node:https';
import { homedir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import type { AppsV1Api, BatchV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node' with {
  'resolution-mode': 'import',
};

import { REVISION_LABEL } from '../contract/kubernetes-labels';
import { messageOf } from '../errors/brainwave-error';
import { KubernetesError } from './kubernetes-error';

/** What the API server sends, without the class that the client library makes of it. */
type Plain<T> = T extends Date
  ? T
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T;

export type V1ContainerStatus = Plain<InstanceType<ClientLibrary['V1ContainerStatus']>>;
export type V1Deployment = Plain<InstanceType<ClientLibrary['V1Deployment']>>;
export type V1Pod = Plain<InstanceType<ClientLibrary['V1Pod']>>;
export type V1Service = Plain<InstanceType<ClientLibrary['V1Service']>>;

type ClientLibrary = Awaited<ReturnType<typeof clientLibrary>>;

/** Kubeconfig that names a cluster and its user. */
export interface Kubeconfig {
  /** File, absolute or relative to the working directory; `~` is the home folder. */
  readonly file: string;
  /** @default - the current context of the file */
  readonly context?: string | undefined;
}

/** Client for the API server of a cluster. */
export class ClusterClient {
  /**
   * Reads a kubeconfig. A user with an exec plugin needs the plugin on PATH.
   * @throws KubernetesError if the client library is not installed, or the kubeconfig has no such context
   */
  static async connect({ file, context }: Kubeconfig): Promise<ClusterClient> {
    const library = await clientLibrary();
    const config = new library.KubeConfig();
    try {
      config.loadFromFile(file.replace(/^~(?=\/|$)/, homedir()));
    } catch (error) {
      throw new KubernetesError(
        'KUBECONFIG_INVALID',
        `the kubeconfig ${file} cannot be read (${messageOf(error)})`,
        {
          remedy: 'set it to the file that "kubectl config view" uses',
          cause: error,
        },
      );
    }
    if (context !== undefined) {
      config.setCurrentContext(context);
    }
    if (!config.getCurrentCluster()) {
      const known = config.getContexts().map(({ name }) => name);
      throw new KubernetesError(
        'KUBECONFIG_INVALID',
        `the kubeconfig ${path.basename(file)} has no cluster for the context "${config.getCurrentContext()}"; expected one of ` +
          (known.join(', ') || '(the file has no contexts)'),
      );
    }
    return new ClusterClient(library, config);
  }

  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
  readonly core: CoreV1Api;

  private constructor(
    readonly library: ClientLibrary,
    readonly config: KubeConfig,
  ) {
    this.apps = config.makeApiClient(library.AppsV1Api);
    this.batch = config.makeApiClient(library.BatchV1Api);
    this.core = config.makeApiClient(library.CoreV1Api);
  }

  /** Reads a path of the API server for which the client library has no method, or none that can be aborted. */
  async get(path: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }> {
    const server = this.config.getCurrentCluster()?.server ?? '';
    const url = new URL(`${server.replace(/\/$/, '')}${path}`);
    const options: https.RequestOptions = { signal };
    await this.config.applyToHTTPSOptions(options);
    return new Promise((resolve, reject) => {
      const client = url.protocol === 'http:' ? http : https;
      const request = client.get(url, options, (response) => {
        text(response).then((body) => {
          resolve({ status: response.statusCode ?? 0, body });
        }, reject);
      });
      request.once('error', reject);
    });
  }

  /** Returns the pods whose servers report a revision. */
  async podsOf(namespace: string, revision: string): Promise<readonly V1Pod[]> {
    const { items } = await this.core.listNamespacedPod({
      namespace,
      labelSelector: `${REVISION_LABEL}=${revision}`,
    });
    return items;
  }
}

async function clientLibrary() {
  try {
    // An ES module, which `require` cannot load in every supported version of Node.js. Only provisioners run this.
    return await import('@kubernetes/client-node');
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    const missing = code === 'ERR_MODULE_NOT_FOUND' && String(message).includes("'@kubernetes/client-node'");
    throw new KubernetesError(
      'CLIENT_MISSING',
      missing
        ? 'the package @kubernetes/client-node is not installed'
        : `the package @kubernetes/client-node cannot be loaded (${messageOf(error).split('\n')[0]})`,
      { remedy: 'run: npm install --ignore-scripts @kubernetes/client-node', cause: error },
    );
  }
}

/** Returns the HTTP status of a failed call to the API server, or `undefined` if it was not reached. */
export function httpStatusOf(error: unknown): number | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

/** Describes a failed call to the API server in one line: the message of the server, if there is one. */
export function describeCallError(error: unknown): string {
  const { body } = error as { readonly body?: unknown };
  try {
    const { message } = JSON.parse(String(body)) as { readonly message?: unknown };
    if (typeof message === 'string') {
      return message;
    }
  } catch {
    // Not an answer of the API server.
  }
  return messageOf(error).split('\n')[0];
}
