import type { ServiceDefinitionJson } from './service-definition-json';

/** A service definition in memory: what the zip holds, checked. */
export interface ServiceDefinitionContent {
  /** `service_def.json`. */
  readonly definition: ServiceDefinitionJson;
  /** The model files that the stages name, by their entry's name in the zip. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The classes' names, class 0 first, where the definition has them (`labels.txt`). */
  readonly labels?: readonly string[];
}
