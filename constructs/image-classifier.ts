import { Construct } from 'constructs';

import type { ServiceDefinition } from '../lib/service-definition';
import { nameFromPath } from './azure/derived-name';
import type { IDnsZone } from './dns/dns-zone-reference';
import type { IRegisteredModel } from './model/registered-model-reference';
import {
  BASE_WEBSERVICE_PROPS,
  BrainwaveWebservice,
  type BaseWebserviceProps,
} from './webservice/brainwave-webservice';
import type { ICompute } from './webservice/compute';
import { ConstructError, requireKnownProps } from './validation/construct-error';
import { DnsRecords, type DnsRecordsOptions } from './dns/dns-records';
import { LocalCompute } from './local/local-compute';
import { LocalWorkspace } from './local/local-workspace';
import { RegisteredModel } from './model/registered-model';
import { Sample } from './smoke-test/sample';
import { SmokeTest } from './smoke-test/smoke-test';
import { BASE_SMOKE_TEST_PROPS, type BaseSmokeTestProps } from './smoke-test/smoke-test-props';
import { SslSettings } from './tls-and-keys/ssl-settings';
import type { IWorkspace } from './workspace/workspace-reference';

/** Properties of {@link ImageClassifier}: those of its parts and of the smoke test. */
export interface ImageClassifierProps extends BaseSmokeTestProps, BaseWebserviceProps {
  /**
   * Image for the smoke test to score, relative to the working directory. Mutually exclusive with `samples`.
   * @default - `samples` are scored
   */
  readonly image?: string | undefined;
  /**
   * Images for the smoke test to score, each with its own expectation if needed.
   * @default - `image` is scored
   */
  readonly samples?: Sample[] | undefined;
  /**
   * Service definition to register as a model in the workspace and to run.
   * @default - `model` is run
   */
  readonly serviceDefinition?: ServiceDefinition | undefined;
  /**
   * Name of the registered model: at most 255 letters, digits, `.`, `_` and `-`.
   * @default - derived from the construct's path
   */
  readonly modelName?: string | undefined;
  /**
   * Model that is already registered, or that the stack declares elsewhere.
   * @default - `serviceDefinition` is registered
   */
  readonly model?: IRegisteredModel | undefined;
  /**
   * Workspace to register the model in.
   * @default - a LocalWorkspace
   */
  readonly workspace?: IWorkspace | undefined;
  /**
   * Compute that runs the service. `AksCompute` and `FpgaCompute` require a workspace on Azure and a certificate.
   * @default new LocalCompute()
   */
  readonly compute?: ICompute | undefined;
  /**
   * TLS settings.
   * @default SslSettings.selfSigned({ hostname: 'scoring.localhost' }), which only LocalCompute supports
   */
  readonly ssl?: SslSettings | undefined;
  /**
   * DNS zone in which to create a record for the host name of the certificate.
   * @default - no record is created
   */
  readonly dnsZone?: IDnsZone | undefined;
  /**
   * Options of the records in `dnsZone`: their TTL, and the authorities that may issue certificates.
   * @default - the defaults of DnsRecords
   */
  readonly dnsOptions?: DnsRecordsOptions | undefined;
}

/**
 * A complete image-scoring web service: the registered model, the service with TLS and keys, its DNS record, and a smoke
 * test that fails the apply if a response is wrong. Runs on the local machine by default.
 *
 * It declares the constructs `Workspace`, `Model`, `Service`, `Dns` and `SmokeTest` and nothing else. Each is available as
 * a property.
 */
export class ImageClassifier extends Construct {
  /** `undefined` if an existing model is used. */
  readonly workspace?: IWorkspace | undefined;
  readonly model: IRegisteredModel;
  readonly service: BrainwaveWebservice;
  /** `undefined` without `dnsZone`. */
  readonly dnsRecords?: DnsRecords | undefined;
  readonly smokeTest: SmokeTest;

  constructor(scope: Construct, id: string, props: ImageClassifierProps) {
    super(scope, id);
    // The parts check nested objects.
    requireKnownProps(this, props, {
      serviceDefinition: true,
      modelName: true,
      model: true,
      workspace: true,
      compute: true,
      ssl: true,
      dnsZone: true,
      dnsOptions: true,
      image: true,
      samples: true,
      ...BASE_WEBSERVICE_PROPS,
      ...BASE_SMOKE_TEST_PROPS,
    });
    const { model, workspace, serviceDefinition, modelName, compute, ssl, dnsZone, dnsOptions, ...others } =
      props;
    const { serviceName, keys, replicas, maxInFlight, allowedOrigins, image, samples, ...smokeTest } = others;
    if (model) {
      this.requireNothingOfNew(props);
      this.model = model;
    } else {
      this.workspace = workspace ?? new LocalWorkspace(this, 'Workspace');
      this.model = this.register(this.workspace, serviceDefinition, modelName);
    }
    this.service = new BrainwaveWebservice(this, 'Service', {
      model: this.model,
      compute: compute ?? new LocalCompute(),
      ssl: ssl ?? SslSettings.selfSigned({ hostname: 'scoring.localhost' }),
      serviceName,
      keys,
      replicas,
      maxInFlight,
      allowedOrigins,
    });
    if (dnsZone) {
      this.dnsRecords = new DnsRecords(this, 'Dns', { ...dnsOptions, zone: dnsZone, service: this.service });
    } else if (dnsOptions) {
      throw new ConstructError(this, 'dnsOptions is set without dnsZone; set dnsZone or remove dnsOptions');
    }
    this.smokeTest = new SmokeTest(this, 'SmokeTest', {
      service: this.service,
      samples: this.samplesOf(image, samples),
      ...smokeTest,
    });
  }

  private samplesOf(image: string | undefined, samples: Sample[] | undefined): Sample[] {
    if ((image === undefined) === (samples === undefined)) {
      throw new ConstructError(
        this,
        image === undefined
          ? "neither image nor samples is set; set the image with which to test the service: image: '…'"
          : 'image and samples are both set; remove one of them',
      );
    }
    return samples ?? [Sample.image(image ?? '')];
  }

  private register(
    workspace: IWorkspace,
    serviceDefinition: ServiceDefinition | undefined,
    name = nameFromPath(this),
  ): RegisteredModel {
    if (!serviceDefinition) {
      throw new ConstructError(
        this,
        'neither serviceDefinition nor model is set; set serviceDefinition: new ServiceDefinition(…)',
      );
    }
    return new RegisteredModel(this, 'Model', { workspace, name, serviceDefinition });
  }

  private requireNothingOfNew(props: ImageClassifierProps): void {
    for (const property of ['serviceDefinition', 'modelName', 'workspace'] as const) {
      if (props[property] !== undefined) {
        throw new ConstructError(
          this,
          `model and ${property} are both set, but ${property} applies only to a new model; ` +
            'remove one of them',
        );
      }
    }
  }
}
