import { Construct } from 'constructs';

import type { ServiceDefinition } from '../lib/service-definition';
import { nameFromPath } from './azure/derived-name';
import type { IDnsZone } from './dns/dns-zone-reference';
import type { IRegisteredModel } from './model/registered-model-reference';
import { BrainwaveWebservice } from './webservice/brainwave-webservice';
import type { ICompute } from './webservice/compute';
import { ConstructError, requireKnownProps } from './validation/construct-error';
import { DnsRecords, type DnsRecordsOptions } from './dns/dns-records';
import { LocalCompute } from './local/local-compute';
import { LocalWorkspace } from './local/local-workspace';
import { RegisteredModel } from './model/registered-model';
import { Sample } from './smoke-test/sample';
import { SmokeTest, type BaseSmokeTestProps } from './smoke-test/smoke-test';
import type { ApiKeys } from './tls-and-keys/api-keys';
import { SslSettings } from './tls-and-keys/ssl-settings';
import type { IWorkspace } from './workspace/workspace-reference';

/** Properties of {@link ImageClassifier}: those of its parts, and of the smoke test after each deployment. */
export interface ImageClassifierProps extends BaseSmokeTestProps {
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
   * What runs. It is registered as a model in the workspace.
   * @default - `model` is given
   */
  readonly serviceDefinition?: ServiceDefinition | undefined;
  /**
   * The name that the model is registered by: letters, digits, `.`, `_` and `-`; at most 255.
   * @default - made of the construct's path
   */
  readonly modelName?: string | undefined;
  /**
   * A model that is registered already, or that the stack declares elsewhere.
   * @default - `serviceDefinition` is registered
   */
  readonly model?: IRegisteredModel | undefined;
  /**
   * Where the model is registered.
   * @default - a LocalWorkspace
   */
  readonly workspace?: IWorkspace | undefined;
  /**
   * Where the service runs. `AksCompute` and `FpgaCompute` need a workspace on Azure and a certificate.
   * @default new LocalCompute()
   */
  readonly compute?: ICompute | undefined;
  /**
   * Letters, digits and hyphens, at most 128.
   * @default - made of the service's path
   */
  readonly serviceName?: string | undefined;
  /**
   * Its certificate.
   * @default SslSettings.selfSigned({ hostname: 'scoring.localhost' }), which LocalCompute makes
   */
  readonly ssl?: SslSettings | undefined;
  /** @default - ApiKeys.generated() with TLS, none without */
  readonly keys?: ApiKeys | undefined;
  /**
   * How many of it run.
   * @default 1
   */
  readonly replicas?: number | undefined;
  /**
   * Calls that one replica works on at once; what comes on top gets RESOURCE_EXHAUSTED.
   * @default 32
   */
  readonly maxInFlight?: number | undefined;
  /**
   * The zone that the name of the certificate is added to.
   * @default - no record is added
   */
  readonly dnsZone?: IDnsZone | undefined;
  /**
   * What the records in `dnsZone` say: how long they are kept, which authorities may issue certificates.
   * @default - DnsRecords' defaults
   */
  readonly dnsOptions?: DnsRecordsOptions | undefined;
}

/**
 * An image-scoring web service with all that belongs to it: the registered model, the service with TLS and keys, its
 * name, and the smoke test that fails the apply when its answer is wrong. Runs on the local machine by default.
 *
 * It declares what its parts declare when they are written out in one scope as `Workspace`, `Model`, `Service`, `Dns` and
 * `SmokeTest`, and nothing else: each is here as a property.
 */
export class ImageClassifier extends Construct {
  /** `undefined` where the model was handed in. */
  readonly workspace?: IWorkspace | undefined;
  readonly model: IRegisteredModel;
  readonly service: BrainwaveWebservice;
  /** Set where a zone was given. */
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
      serviceName: true,
      ssl: true,
      keys: true,
      replicas: true,
      maxInFlight: true,
      dnsZone: true,
      dnsOptions: true,
      image: true,
      samples: true,
      expect: true,
      labels: true,
      baseline: true,
      warmCalls: true,
      latencyBudget: true,
      minimumDaysToExpiry: true,
      resolvers: true,
      readyTimeoutSeconds: true,
      callTimeoutSeconds: true,
      reportFile: true,
      reports: true,
    });
    const { compute, serviceName, ssl, keys, replicas, maxInFlight, dnsZone, dnsOptions } = props;
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
      serviceName,
      keys,
      replicas,
      maxInFlight,
    });
    if (dnsZone) {
      this.dnsRecords = new DnsRecords(this, 'Dns', { ...dnsOptions, zone: dnsZone, service: this.service });
    } else if (dnsOptions) {
      throw new ConstructError(
        this,
        'dnsOptions are given without a dnsZone to add records to; give the zone, too',
      );
    }
    this.smokeTest = new SmokeTest(this, 'SmokeTest', {
      service: this.service,
      samples: this.samplesOf(props),
      expect: props.expect,
      labels: props.labels,
      baseline: props.baseline,
      warmCalls: props.warmCalls,
      latencyBudget: props.latencyBudget,
      minimumDaysToExpiry: props.minimumDaysToExpiry,
      resolvers: props.resolvers,
      readyTimeoutSeconds: props.readyTimeoutSeconds,
      callTimeoutSeconds: props.callTimeoutSeconds,
      reportFile: props.reportFile,
      reports: props.reports,
    });
  }

  private samplesOf({ image, samples }: ImageClassifierProps): Sample[] {
    if ((image === undefined) === (samples === undefined)) {
      throw new ConstructError(
        this,
        image === undefined
          ? "neither image nor samples is set; set the image to test the service with: image: '…'"
          : 'image and samples are both set; remove one of them',
      );
    }
    return samples ?? [Sample.image(image ?? '')];
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
