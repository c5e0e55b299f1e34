import { Lazy, TerraformOutput, Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { nameFromPath } from '../azure/derived-name';
import type { IRegisteredModel } from '../model/registered-model-reference';
import { ClientPrerequisites } from './client-prerequisites';
import type { ICompute } from './compute';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { addWarning } from '../validation/warning';
import { ImportedWebservice, type WebserviceAttributes } from './imported-webservice';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { requireNumber } from '../validation/synth-value';
import { ApiKeys, type ApiKeysConfiguration } from '../tls-and-keys/api-keys';
import { SslSettings, type SslConfiguration } from '../tls-and-keys/ssl-settings';
import { webserviceTarget } from './smoke-test-target';
import type { IWebservice, WebserviceEndpoint } from './webservice';

/** What a web service runs, where, and who may call it. */
export interface BrainwaveWebserviceProps {
  /** What the service scores with. */
  readonly model: IRegisteredModel;
  /** Where it runs. */
  readonly compute: ICompute;
  /**
   * Letters, digits and hyphens, at most 128.
   * @default - made of the construct's path
   */
  readonly serviceName?: string | undefined;
  /** @default SslSettings.disabled(), with a warning: anybody who reaches the address can call */
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
}

const BRAINWAVE_WEBSERVICE_PROPS: KnownKeys<BrainwaveWebserviceProps> = {
  model: true,
  compute: true,
  serviceName: true,
  ssl: true,
  keys: true,
  replicas: true,
  maxInFlight: true,
};

/**
 * A web service that scores images with an accelerated model, over TensorFlow Serving's gRPC protocol.
 *
 * It runs on the compute it is given; moving it to another changes nothing else of it.
 */
export class BrainwaveWebservice extends Construct implements IWebservice {
  /** A service that exists already, for DNS records or a smoke test of its own. */
  static fromWebserviceAttributes(
    scope: Construct,
    id: string,
    attributes: WebserviceAttributes,
  ): IWebservice {
    return new ImportedWebservice(scope, id, attributes);
  }

  readonly serviceName: string;
  readonly model?: IRegisteredModel | undefined;
  readonly endpoint: WebserviceEndpoint;
  private readonly prerequisites = new ClientPrerequisites();

  constructor(scope: Construct, id: string, props: BrainwaveWebserviceProps) {
    super(scope, id);
    requireKnownProps(this, props, BRAINWAVE_WEBSERVICE_PROPS);
    requireProvidersInStack(this);
    const { model, compute, replicas = 1, maxInFlight } = props;
    this.model = model;
    this.serviceName = props.serviceName ?? nameFromPath(this);
    requireServiceName(this, this.serviceName);
    requireNumber(this, 'replicas', replicas, wholeNumber(1));
    requireNumber(this, 'maxInFlight', maxInFlight, wholeNumber(1));
    const ssl = (props.ssl ?? SslSettings.disabled()).bind(this);
    const keys = this.bindKeys(ssl, props.keys);
    this.endpoint = compute.bind(this, {
      serviceName: this.serviceName,
      model,
      ssl,
      keys,
      replicas,
      maxInFlight,
    });
  }

  /** The IP address it answers on. */
  get ipAddress(): string {
    return this.endpoint.address;
  }

  /** The port it answers on. */
  get port(): number {
    return this.endpoint.port;
  }

  /** The name that clients check its certificate against; `undefined` without TLS. */
  get hostname(): string | undefined {
    return this.endpoint.hostname;
  }

  /**
   * A sensitive token of the primary key. Another stack that uses it reads it from this one's state.
   * @throws ConstructError where the keys are in a file of this machine, or there are none
   */
  get primaryKey(): string {
    return this.requireKey('primaryKey');
  }

  /**
   * A sensitive token of the secondary key.
   * @throws ConstructError where the keys are in a file of this machine, or there are none
   */
  get secondaryKey(): string {
    return this.requireKey('secondaryKey');
  }

  get clientPrerequisites(): ITerraformDependable[] {
    return this.prerequisites.all;
  }

  addClientPrerequisite(prerequisite: ITerraformDependable): void {
    this.prerequisites.add(prerequisite);
  }

  /**
   * Adds the address, the port, the host name, and the target for `cdktf-brainwave smoke-test --outputs` to the stack's
   * outputs, named by this construct's path. None of them is a secret.
   */
  addOutputs(): void {
    new TerraformOutput(this, 'IpAddress', { value: this.ipAddress });
    new TerraformOutput(this, 'Port', { value: this.port });
    if (this.hostname !== undefined) {
      new TerraformOutput(this, 'Hostname', { value: this.hostname });
    }
    new TerraformOutput(this, 'SmokeTestTarget', {
      value: Lazy.anyValue({ produce: () => webserviceTarget(this, this) }),
    });
  }

  private requireKey(name: 'primaryKey' | 'secondaryKey'): string {
    const { [name]: key, keyFile } = this.endpoint;
    if (key === undefined) {
      throw new ConstructError(
        this,
        keyFile === undefined
          ? `it has no ${name}; keys need TLS: set ssl`
          : `its ${name} is no value in Terraform: this compute keeps the keys in ${keyFile}, where clients find them at apply`,
      );
    }
    return key;
  }

  private bindKeys(
    ssl: SslConfiguration | undefined,
    keys: ApiKeys | undefined,
  ): ApiKeysConfiguration | undefined {
    if (!ssl) {
      addWarning(
        this,
        (keys ? 'keys are set but TLS is off, and keys are checked only under TLS: ' : 'TLS is off: ') +
          'anybody who reaches the address can call; set ssl, for example SslSettings.fromPemFiles(…)',
      );
    }
    return (keys ?? (ssl && ApiKeys.generated()))?.bind(this);
  }
}

function requireServiceName(scope: Construct, name: string): void {
  if (!Token.isUnresolved(name) && !/^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/.test(name)) {
    throw new ConstructError(
      scope,
      `serviceName is "${name}"; expected 1 to 128 letters, digits and "-", beginning with a letter or a digit`,
    );
  }
}
