import { isIP } from 'node:net';

import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import { PORT_NUMBER } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import type { ICompute, WebserviceSpecification } from '../webservice/compute';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { dependablesFor } from '../terraform/dependables';
import { requireNumber } from '../validation/synth-value';
import type { WebserviceEndpoint } from '../webservice/webservice';
import { declareLocalWorkload } from './local-workload';

/** Address and port of a service on this machine. */
export interface LocalComputeProps {
  /** @default 50051 */
  readonly port?: number | undefined;
  /**
   * Environment variable with the port, such as `PORT`. If it is set when the stack is synthesized, it takes precedence over
   * `port`.
   * @default - none
   */
  readonly portVariable?: string | undefined;
  /**
   * IP address to listen on. Other machines on your network can call the service unless it is a loopback address.
   * @default '127.0.0.1'
   */
  readonly address?: string | undefined;
  /**
   * IP address of `healthPort`. Other machines on your network can read the metrics unless it is a loopback address.
   * @default '127.0.0.1'
   */
  readonly healthAddress?: string | undefined;
  /**
   * Port of health checks and metrics (`/metrics`), which need neither a key nor TLS.
   * @default - a free port at each start, which `cdktf-brainwave local status` shows
   */
  readonly healthPort?: number | undefined;
}

const LOCAL_COMPUTE_PROPS: KnownKeys<LocalComputeProps> = {
  port: true,
  portVariable: true,
  address: true,
  healthAddress: true,
  healthPort: true,
};

/**
 * Runs a web service as a process on this machine that Terraform deploys, updates and destroys. Its keys, certificate
 * and log are in `.cdktf-brainwave/services/<name>` in the project's folder.
 *
 * `replicas` is the number of scoring threads in this process. Linux and macOS only.
 */
export class LocalCompute implements ICompute {
  readonly address: string;
  readonly port: number;
  /** @default - none */
  readonly portVariable?: string | undefined;
  /** @default - the loopback address */
  readonly healthAddress?: string | undefined;
  /** @default - a free port at each start */
  readonly healthPort?: number | undefined;
  /** Value of `portVariable` in the environment. */
  private readonly variablePort: string | undefined;

  constructor(private readonly props: LocalComputeProps = {}) {
    this.address = props.address ?? '127.0.0.1';
    this.portVariable = props.portVariable;
    this.variablePort = this.portVariable === undefined ? undefined : process.env[this.portVariable];
    this.port = this.variablePort === undefined ? (props.port ?? 50_051) : Number(this.variablePort);
    this.healthAddress = props.healthAddress;
    this.healthPort = props.healthPort;
  }

  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    this._requireAddress(scope);
    const { serviceName: name, model, ssl, keys, replicas, maxInFlight, allowedOrigins } = specification;
    const { address, port, portVariable } = this;
    const { location } = model;
    const registry = location?.localRegistry;
    if (!location || registry === undefined) {
      throw new ConstructError(
        scope,
        `LocalCompute runs models of a LocalWorkspace, but "${model.modelName}" is not registered in one; ` +
          'register it in a LocalWorkspace or choose a compute on Azure',
      );
    }
    const { resource, keyFile, rootCertificateFile } = declareLocalWorkload(scope, {
      specification: {
        kind: 'service',
        name,
        address,
        port,
        portVariable,
        model: { name: model.modelName, version: model.modelVersion, registry },
        workers: replicas,
        maxInFlight,
        healthAddress: this.healthAddress,
        healthPort: this.healthPort,
        allowedOrigins,
      },
      ssl,
      keys,
      triggers: { model: location.revision },
      dependables: location.dependable ? dependablesFor(scope, [location.dependable]) : [],
    });
    return {
      address,
      port,
      hostname: ssl?.hostname,
      keyFile,
      rootCertificateFile,
      revision: resource.id,
      reportsRevision: true,
      dependables: [resource],
    };
  }

  /** @internal */
  _requireAddress(scope: Construct): void {
    requireKnownProps(scope, this.props, LOCAL_COMPUTE_PROPS);
    const { address, healthAddress, port, variablePort } = this;
    if (variablePort !== undefined && !PORT_NUMBER.accepts(port)) {
      throw new ConstructError(
        scope,
        `the environment variable ${this.portVariable} is "${variablePort}"; expected ${PORT_NUMBER.expected}`,
      );
    }
    requireNumber(scope, 'port', port, PORT_NUMBER);
    requireNumber(scope, 'healthPort', this.healthPort, PORT_NUMBER);
    for (const [option, given] of Object.entries({ address, healthAddress })) {
      if (given !== undefined && !Token.isUnresolved(given) && isIP(given) === 0) {
        throw new ConstructError(
          scope,
          `${option} is "${given}"; expected an IP address of this machine, such as 127.0.0.1`,
        );
      }
    }
  }
}
