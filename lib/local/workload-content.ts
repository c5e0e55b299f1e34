import type { EndpointConfiguration } from '../contract/endpoint-configuration';
import type { ServeConfiguration } from '../contract/serve-configuration';
import type { SecretsSpecification } from '../contract/workload-specification';
import type { ServingCommand } from '../process/detached-process';
import type { OnProgress } from './workload-process';

/** Where a workload listens. */
export interface ListeningAddress {
  readonly address: string;
  readonly port: number;
  /** Environment variable that sets the port, if it is not set in the stack. */
  readonly portVariable?: string | undefined;
}

/** Specification fields of all kinds of workloads. */
export interface WorkloadSpecification extends SecretsSpecification, ListeningAddress {
  readonly name: string;
  readonly healthAddress?: string | undefined;
  readonly workers: number;
}

/** Server configuration fields of all kinds of workloads. */
export type CommonConfiguration = Pick<
  ServeConfiguration & EndpointConfiguration,
  'host' | 'port' | 'workers' | 'tls' | 'keyFile'
>;

/** Content of a workload that is ready to be served. */
export interface ConfiguredContent<D> {
  /** Stored in the workload's folder, so that the workload can be started again. */
  readonly deployed: D;
  readonly configuration:
    Omit<ServeConfiguration, 'contentHash'> | Omit<EndpointConfiguration, 'contentHash'>;
  /** Changes with content that the configuration does not identify. */
  readonly contentHash: string;
}

/** Fields of a workload's status that depend on its content. */
export interface ContentStatus {
  readonly model: string;
  readonly modelVersion: string;
  /** URL for requests. If its host name is below `localhost` or has no DNS record, connect to `address`. */
  readonly scoringUri?: string | undefined;
  readonly entryScript?: string | undefined;
}

/**
 * Content of a workload: the strategy by which scoring services and online endpoints differ.
 * @typeParam S specification that a stack declares
 * @typeParam D specification that is stored in the workload's folder
 */
export interface WorkloadContent<S extends WorkloadSpecification, D extends S> {
  /** Command that serves the configuration. */
  readonly command: ServingCommand;
  /** Whether a running server can enable and disable TLS. */
  readonly switchesTls: boolean;

  /** @throws if the value is not a specification of this kind */
  parse(json: unknown): D;

  /**
   * Writes the content to the workload's folder.
   * @throws LocalError if a file or package is missing
   */
  configure(
    specification: S,
    common: CommonConfiguration,
    onProgress: OnProgress,
  ): Promise<ConfiguredContent<D>>;

  /**
   * Returns the specification to start a deployed workload again.
   * @throws LocalError FILE_MISSING if the content was removed
   */
  restore(deployed: D): Promise<S>;

  /** Removes copies of content that is no longer served. */
  removeOthers(deployed: D | undefined): Promise<void>;

  describe(deployed: D, port: number): ContentStatus;
}
