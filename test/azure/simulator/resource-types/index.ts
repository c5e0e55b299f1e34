import type { ResourceType } from '../resource-type';
import { app } from './app';
import { authorization } from './authorization';
import { compute } from './compute';
import { containerRegistry } from './container-registry';
import { containerService } from './container-service';
import { insights } from './insights';
import { keyVault } from './key-vault';
import { machineLearning } from './machine-learning';
import { managedIdentity } from './managed-identity';
import { marketplaceOrdering } from './marketplace-ordering';
import { network } from './network';
import { privateEndpoints } from './private-endpoints';
import { resources } from './resources';
import { storage } from './storage';

/** All types of resources that can be written, by lowercase name. */
export const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map(
  [
    app,
    authorization,
    compute,
    containerRegistry,
    containerService,
    insights,
    keyVault,
    machineLearning,
    managedIdentity,
    marketplaceOrdering,
    network,
    privateEndpoints,
    resources,
    storage,
  ].flatMap((types) =>
    Object.entries(types).map(([name, type]): [string, ResourceType] => [name.toLowerCase(), type]),
  ),
);
