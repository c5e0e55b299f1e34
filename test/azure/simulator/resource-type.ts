import type { ClusterHost } from './cluster-host';
import type { AzureRequest } from './http';
import type { Json, JsonObject } from './json';

/** A resource as Resource Manager stores it. */
export interface Resource extends JsonObject {
  id: string;
  name: string;
  type: string;
  properties: JsonObject;
}

/** What the types of resources know of the rest of the simulated Azure. */
export interface Azure {
  /** Finds a resource by its id, in any case. */
  find(id: string): Resource | undefined;
  all(): Iterable<Resource>;
  /** Creates or replaces a resource, with all checks. */
  put(id: string, body: JsonObject): Resource;
  /** Adds a resource that Azure creates by itself, unless it exists. */
  add(id: string, body: JsonObject): void;
  remove(id: string): void;
  /** Vaults that are deleted softly, by lowercase name. */
  readonly deletedVaults: Map<string, Resource>;
  /** Lowercase ids of machine learning workspaces that are deleted softly. */
  readonly deletedWorkspaces: Set<string>;
  /** What the clusters' API servers are. */
  readonly clusters: ClusterHost;
}

/**
 * What the simulator knows of a type of resources beyond storing and returning it. All of it is optional: `{}` is a type that
 * Azure stores as it is sent.
 */
export interface ResourceType {
  /** Sets what Azure sets if a request leaves it out. */
  readonly defaults?: (resource: Resource, azure: Azure) => JsonObject;
  /** Runs before `defaults`: refuses what Azure refuses, and drops what Azure does not return. */
  readonly beforeWrite?: (resource: Resource, azure: Azure) => void;
  /** Runs when the resource is stored: adds what comes with it. Whoever has written the resource waits for it. */
  readonly afterWrite?: (resource: Resource, azure: Azure) => void | Promise<void>;
  /** Runs after the resource, and what is in it, has been removed. */
  readonly afterRemove?: (resource: Resource, azure: Azure) => void;
  /** Properties that hold child resources with ids of their own, such as the subnets of a virtual network. */
  readonly inlineChildren?: readonly string[];
  /** Operations: what `POST <id>/<name>` answers, by lowercase name. */
  readonly actions?: Readonly<
    Record<string, (resource: Resource, azure: Azure, body: JsonObject) => Json | Promise<Json>>
  >;
  /** Changes a copy of the resource to what a reader is shown. */
  readonly show?: (resource: Resource, azure: Azure, request?: AzureRequest) => void;
  /** Properties of a resource that exists with its parent, without having been created. */
  readonly implicit?: JsonObject;
}
