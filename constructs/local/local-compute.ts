import { isIP } from 'node:net';

import { Token, type ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

import { FolderLayout } from '../../lib/contract/folder-layout';
import type { StepInput } from '../../lib/contract/steps';
import { PORT_NUMBER } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import type { ICompute, WebserviceSpecification } from '../webservice/compute';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { dependablesFor } from '../terraform/dependables';
import { jsonTemplate } from '../terraform/json-template';
import { createStep, destroyStep } from '../terraform/provisioner-step';
import { requireNumber } from '../validation/synth-value';
import { TerraformData } from '../terraform/terraform-data';
import type { WebserviceEndpoint } from '../webservice/webservice';
import { LocalAddress } from './local-address';
import { clientsNeedRoot, localSecrets, requireLocalCertificate, writtenKeys } from './local-secrets';

/** Where on this machine a service listens. */
export interface LocalComputeProps {
  /** @default 50051 */
  readonly port?: number | undefined;
  /**
   * The address to listen on. Any but the loopback lets others on your network call.
   * @default '127.0.0.1'
   */
  readonly address?: string | undefined;
}

const LOCAL_COMPUTE_PROPS: KnownKeys<LocalComputeProps> = { port: true, address: true };

/**
 * Runs a web service as a process of this machine, deployed, changed and destroyed by Terraform. Its keys,
 * certificate and log lie in `.cdktf-brainwave/services/<name>` in the project's folder.
 *
 * `replicas` are threads that score, in the one process. Linux and macOS.
 */
export class LocalCompute implements ICompute {
  readonly address: string;
  readonly port: number;

  constructor(private readonly props: LocalComputeProps = {}) {
    this.address = props.address ?? '127.0.0.1';
    this.port = props.port ?? 50_051;
  }

  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    this._requireAddress(scope);
    const { serviceName: name, model, ssl, keys, replicas, maxInFlight } = specification;
    const { address, port } = this;
    const { location } = model;
    const registry = location?.localRegistry;
    if (!location || registry === undefined) {
      throw new ConstructError(
        scope,
        `LocalCompute runs models of a LocalWorkspace, and "${model.modelName}" is not registered in one; ` +
          'register it in a LocalWorkspace, or choose a compute on Azure',
      );
    }
    requireLocalCertificate(scope, ssl);
    // The service's life and its configuration are two resources: a provisioner runs when a resource is created
    // or destroyed, never when it changes, and a change must not end the life.
    const life = new LocalAddress(scope, 'Address', { serviceName: name, address, port });
    const removal = destroyStep('remove-service', { name });
    const reservation = new TerraformData(life, 'Reservation', {
      input: { ...removal.input },
      triggersReplace: { specification: jsonTemplate({ name, address, port }) },
      provisioners: [createStep('reserve-service', { name, address, port }), removal.provisioner],
    });
    const dependables: ITerraformDependable[] = [reservation];
    if (location.dependable) {
      dependables.push(...dependablesFor(scope, [location.dependable]));
    }
    const written = writtenKeys(scope, 'write-keys', name, keys, reservation);
    dependables.push(...written);
    const { files } = ssl ?? {};
    const configuration: StepInput<'configure-service'> = {
      name,
      address,
      port,
      model: { name: model.modelName, version: model.modelVersion, registry },
      ...localSecrets(ssl, keys),
      workers: replicas,
      maxInFlight,
    };
    const service = new TerraformData(scope, 'Configuration', {
      triggersReplace: {
        reservation: reservation.id,
        model: location.revision,
        configuration: jsonTemplate(configuration),
        ...(files && { certificate: files.fingerprint }),
        ...(keys?.revision !== undefined && { keys: keys.revision }),
      },
      provisioners: [createStep('configure-service', configuration)],
      dependsOn: dependables,
    });
    const layout = new FolderLayout();
    return {
      address,
      port,
      ...(ssl && { hostname: ssl.hostname }),
      ...(ssl && keys && { keyFile: layout.keyFile('service', name) }),
      ...(clientsNeedRoot(ssl) && { rootCertificateFile: layout.rootCertificateFile('service', name) }),
      revision: service.id,
      dependables: [service],
    };
  }

  /** @internal */
  _requireAddress(scope: Construct): void {
    requireKnownProps(scope, this.props, LOCAL_COMPUTE_PROPS);
    const { address, port } = this;
    requireNumber(scope, 'port', port, PORT_NUMBER);
    if (!Token.isUnresolved(address) && isIP(address) === 0) {
      throw new ConstructError(
        scope,
        `the address is "${address}"; expected an IP address of this machine, such as 127.0.0.1`,
      );
    }
  }
}
