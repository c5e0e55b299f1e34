import { Construct } from 'constructs';

import type { ServiceDefinition } from '../lib/service-definition';
import { nameFromPath } from './azure/resource-name';
import { BrainwaveWebservice } from './brainwave-webservice';
import type { ICompute } from './compute';
import { ConstructError } from './construct-error';
import { DnsRecords } from './dns/dns-records';
import type { IDnsZone } from './dns/dns-zone';
import { LocalCompute } from './local/local-compute';
import { LocalWorkspace } from './local/local-workspace';
import { RegisteredModel, type IRegisteredModel } from './model/registered-model';
import { SmokeTest } from './smoke-test/smoke-test';
import type { SmokeTestExpectation } from './smoke-test/smoke-test-expectation';
import type { ApiKeys } from './tls-and-keys/api-keys';
import { SslSettings } from './tls-and-keys/ssl-settings';
import type { IWorkspace } from './workspace/workspace';

/** What an image classifier runs and is tested with; where it runs and who may call it, unless on this machine. */
export interface ImageClassifierProps {
  /**
   * What runs. It is registered as a model in the workspace.
   * @default - `model` is given
   */
  readonly serviceDefinition?: ServiceDefinition;
  /**
   * The name that the model is registered by: letters, digits, `.`, `_` and `-`; at most 255.
   * @default - made of the construct's path
   */
  readonly modelName?: string;
  /**
   * A model that is registered already, or that the stack declares elsewhere.
   * @default - `serviceDefinition` is registered
   */
  readonly model?: IRegisteredModel;
  /** The image that is scored after each deployment, relative to the working directory. */
  readonly image: string;
  /**
   * What the image must be taken for.
   * @default - the service must answer with probabilities, whatever they are
   */
  readonly expect?: SmokeTestExpectation;
  /**
   * How long the smoke test waits until the service is ready.
   * @default - SmokeTest's
   */
  readonly readyTimeoutSeconds?: number;
  /**
   * Where the model is registered.
   * @default - a LocalWorkspace
   */
  readonly workspace?: IWorkspace;
  /**
   * Where the service runs. `AksCompute` and `FpgaVirtualMachines` need a workspace on Azure and a certificate.
   * @default new LocalCompute()
   */
  readonly compute?: ICompute;
  /**
   * Its certificate.
   * @default SslSettings.selfSigned({ hostname: 'scoring.localhost' }), which LocalCompute makes
   */
  readonly ssl?: SslSettings;
  /** @default - ApiKeys.generated() with TLS, none without */
  readonly keys?: ApiKeys;
  /**
   * How many of it run.
   * @default 1
   */
  readonly replicas?: number;
  /**
   * Calls that one replica works on at once; what comes on top gets RESOURCE_EXHAUSTED.
   * @default 32
   */
  readonly maxInFlight?: number;
  /**
   * The zone that the name of the certificate is added to.
   * @default - no record is added
   */
  readonly dnsZone?: IDnsZone;
}

/**
 * An image-scoring web service with all that belongs to it: the registered model, the service with TLS and keys, its
 * name, and the smoke test that fails the apply when its answer is wrong. Without further ado it runs on this machine.
 *
 * It declares what its parts declare when they are written out in one scope as `Workspace`, `Model`, `Service`, `Dns` and
 * `SmokeTest`, and nothing else: each is here as a property. What it has no property for, write out.
 */
export class ImageClassifier extends Construct {
  /** `undefined` where the model was handed in. */
  readonly workspace?: IWorkspace;
  readonly model: IRegisteredModel;
  readonly service: BrainwaveWebservice;
  /** Set where a zone was given. */
  readonly dnsRecords?: DnsRecords;
  readonly smokeTest: SmokeTest;

  constructor(scope: Construct, id: string, props: ImageClassifierProps) {
    super(scope, id);
    const { compute, ssl, keys, replicas, maxInFlight, dnsZone } = props;
    const { image, expect, readyTimeoutSeconds } = props;
    if (props.model) {
      this.requireNothingOfNew(props);
      this.model = props.model;
    } else {
      this.workspace = props.workspace ?? new LocalWorkspace(this, 'Workspace');
      this.model = this.register(this.workspace, props);
    }
    this.service = new BrainwaveWebservice(this, 'Service', {
      model: this.model,
      compute: compute ?? new LocalCompute(),
      ssl: ssl ?? SslSettings.selfSigned({ hostname: 'scoring.localhost' }),
      ...(keys && { keys }),
      ...(replicas !== undefined && { replicas }),
      ...(maxInFlight !== undefined && { maxInFlight }),
    });
    if (dnsZone) {
      this.dnsRecords = new DnsRecords(this, 'Dns', { zone: dnsZone, service: this.service });
    }
    this.smokeTest = new SmokeTest(this, 'SmokeTest', {
      service: this.service,
      image,
      ...(expect && { expect }),
      ...(readyTimeoutSeconds !== undefined && { readyTimeoutSeconds }),
    });
  }

  private register(workspace: IWorkspace, props: ImageClassifierProps): RegisteredModel {
    const { serviceDefinition, modelName = nameFromPath(this) } = props;
    if (!serviceDefinition) {
      throw new ConstructError(
        this,
        'it has neither a serviceDefinition nor a model; give what runs: serviceDefinition: new ServiceDefinition(…)',
      );
    }
    return new RegisteredModel(this, 'Model', { workspace, name: modelName, serviceDefinition });
  }

  private requireNothingOfNew(props: ImageClassifierProps): void {
    for (const property of ['serviceDefinition', 'modelName', 'workspace'] as const) {
      if (props[property] !== undefined) {
        throw new ConstructError(
          this,
          `model and ${property} are both set, but ${property} is for a model that is registered here; ` +
            'remove one of the two',
        );
      }
    }
  }
}
