import type { EndpointConfiguration } from '../contract/endpoint-configuration';
import type { ServeConfiguration } from '../contract/serve-configuration';
import type { SecretsSpecification } from '../contract/workload-specification';
import type { ServingCommand } from '../process/detached-process';
import type { OnProgress } from './workload-process';

/** The part of a specification that every kind of workload has. */
export interface WorkloadSpecification extends SecretsSpecification {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly workers: number;
}

/** The part of a server's configuration that every kind of workload has. */
export type CommonConfiguration = Pick<
  ServeConfiguration & EndpointConfiguration,
  'host' | 'port' | 'workers' | 'tls' | 'keyFile'
>;

/** Content of a workload that is ready to be served. */
export interface ConfiguredContent<D> {
  /** What is kept beside the workload, so that it can be started again. */
  readonly deployed: D;
  readonly configuration: Omit<ServeConfiguration, 'revision'> | Omit<EndpointConfiguration, 'revision'>;
  /** Changes with content that the configuration does not identify. */
  readonly contentHash: string;
}

/** Fields of a workload's status that depend on its content. */
export interface ContentStatus {
  readonly model: string;
  readonly modelVersion: string;
  /** URL to post requests to. A host name below `localhost` or without a DNS record is at `address`. */
  readonly scoringUri?: string | undefined;
  readonly entryScript?: string | undefined;
}

/**
 * What a workload serves: the part in which scoring services and online endpoints differ.
 * @typeParam S specification, as a stack declares it
 * @typeParam D specification, as it is kept beside a deployed workload
 */
export interface WorkloadContent<S extends WorkloadSpecification, D extends S> {
  /** The command that serves the configuration. */
  readonly command: ServingCommand;
  /** Whether a running server can turn TLS on and off. */
  readonly switchesTls: boolean;

  /** @throws if it is not a specification of this kind */
  parse(json: unknown): D;

  /**
   * Puts what is served into the workload's folder.
   * @throws LocalError if something is missing
   */
  configure(
    specification: S,
    common: CommonConfiguration,
    onProgress: OnProgress,
  ): Promise<ConfiguredContent<D>>;

  /**
   * The specification that brings a deployed workload up again.
   * @throws LocalError FILE_MISSING
   */
  restore(deployed: D): Promise<S>;

  /** Removes copies of content that is no longer served. */
  removeOthers(deployed: D | undefined): Promise<void>;

  describe(deployed: D, port: number): ContentStatus;
}
