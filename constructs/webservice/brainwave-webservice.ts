import { Lazy, Token } from 'cdktf';
import type { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { nameFromPath } from '../azure/derived-name';
import type { IRegisteredModel } from '../model/registered-model-reference';
import type { ICompute } from './compute';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { addWarning } from '../validation/warning';
import { ImportedWebservice, type WebserviceAttributes } from './imported-webservice';
import { namedOutput } from '../terraform/named-output';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { requireNumber, requireOrigins } from '../validation/synth-value';
import { ApiKeys, type ApiKeysConfiguration } from '../tls-and-keys/api-keys';
import { SslSettings, type SslConfiguration } from '../tls-and-keys/ssl-settings';
import { webserviceTarget } from './smoke-test-target';
import type { IWebservice, WebserviceEndpoint } from './webservice';
import { WebserviceBase } from './webservice-base';

/** Properties that a web service and an image classifier have in common. */
export interface BaseWebserviceProps {
  /**
   * Name of the service: at most 128 letters, digits and hyphens.
   * @default - derived from the construct's path
   */
  readonly serviceName?: string | undefined;
  /**
   * Keys that callers must present.
   * @default - ApiKeys.generated() with TLS, none without
   */
  readonly keys?: ApiKeys | undefined;
  /**
   * Number of replicas.
   * @default 1
   */
  readonly replicas?: number | undefined;
  /**
   * Maximum number of calls in flight per replica. Further calls fail with RESOURCE_EXHAUSTED.
   * @default 32
   */
  readonly maxInFlight?: number | undefined;
  /**
   * Origins of the web pages that may call the service from a browser, over gRPC-Web or REST: `https://app.example.com`, or `*` for
   * all (CORS).
   * @default - none
   */
  readonly allowedOrigins?: string[] | undefined;
}

/** @internal */
export const BASE_WEBSERVICE_PROPS: KnownKeys<BaseWebserviceProps> = {
  serviceName: true,
  keys: true,
  replicas: true,
  maxInFlight: true,
  allowedOrigins: true,
};

/** Properties of a web service. */
export interface BrainwaveWebserviceProps extends BaseWebserviceProps {
  /** Model that the service runs. */
  readonly model: IRegisteredModel;
  /** Compute that runs the service. */
  readonly compute: ICompute;
  /**
   * TLS settings.
   * @default SslSettings.disabled(), with a warning: anyone who can connect can call
   */
  readonly ssl?: SslSettings | undefined;
}

const BRAINWAVE_WEBSERVICE_PROPS: KnownKeys<BrainwaveWebserviceProps> = {
  model: true,
  compute: true,
  ssl: true,
  ...BASE_WEBSERVICE_PROPS,
};

/**
 * A web service that scores images with an accelerated model, over TensorFlow Serving's gRPC protocol.
 *
 * To move it to another compute, change only `compute`.
 */
export class BrainwaveWebservice extends WebserviceBase {
  /** Imports an existing service, for example to add DNS records or a smoke test. */
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

  constructor(scope: Construct, id: string, props: BrainwaveWebserviceProps) {
    super(scope, id);
    requireKnownProps(this, props, BRAINWAVE_WEBSERVICE_PROPS);
    requireProvidersInStack(this);
    const { model, compute, replicas = 1, maxInFlight, allowedOrigins } = props;
    this.model = model;
    this.serviceName = props.serviceName ?? nameFromPath(this);
    requireServiceName(this, this.serviceName);
    requireNumber(this, 'replicas', replicas, wholeNumber(1));
    requireNumber(this, 'maxInFlight', maxInFlight, wholeNumber(1));
    requireOrigins(this, 'allowedOrigins', allowedOrigins);
    const ssl = (props.ssl ?? SslSettings.disabled()).bind(this);
    const keys = this.bindKeys(ssl, props.keys);
    this.endpoint = compute.bind(this, {
      serviceName: this.serviceName,
      model,
      ssl,
      keys,
      replicas,
      maxInFlight,
      allowedOrigins,
    });
  }

  /** IP address of the service. */
  get ipAddress(): string {
    return this.endpoint.address;
  }

  /** Port of the service. */
  get port(): number {
    return this.endpoint.port;
  }

  /** Host name that clients check the certificate against; `undefined` without TLS. */
  get hostname(): string | undefined {
    return this.endpoint.hostname;
  }

  /**
   * Primary key, a sensitive token. Other stacks that use it read it from this stack's state.
   * @throws ConstructError if the keys are in a local file or a key vault, or the service has none
   */
  get primaryKey(): string {
    return this.requireKey('primaryKey');
  }

  /**
   * Secondary key, a sensitive token.
   * @throws ConstructError if the keys are in a local file or a key vault, or the service has none
   */
  get secondaryKey(): string {
    return this.requireKey('secondaryKey');
  }

  /**
   * Adds outputs to the stack: the address, the port, the host name, and the target for
   * `cdktf-brainwave smoke-test --outputs`. Their names are the construct's path in the stack with `_ip_address`, `_port`,
   * `_hostname` and `_smoke_test_target`: `classifier_service_port`. None of them is a secret.
   */
  addOutputs(): void {
    namedOutput(this, 'ip_address', { value: this.ipAddress });
    namedOutput(this, 'port', { value: this.port });
    if (this.hostname !== undefined) {
      namedOutput(this, 'hostname', { value: this.hostname });
    }
    namedOutput(this, 'smoke_test_target', {
      value: Lazy.anyValue({ produce: () => webserviceTarget(this, this) }),
    });
  }

  private requireKey(name: 'primaryKey' | 'secondaryKey'): string {
    const { [name]: key, keyFile, keyVaultKeys } = this.endpoint;
    if (keyVaultKeys) {
      throw new ConstructError(
        this,
        `its ${name} is not available as a Terraform value, because the key is in a key vault and not in the state; read the ` +
          'secret from the vault where the key is used',
      );
    }
    if (key === undefined) {
      throw new ConstructError(
        this,
        keyFile === undefined
          ? `it has no ${name}, because keys require TLS; set ssl`
          : `its ${name} is not available as a Terraform value, because this compute stores the keys in ${keyFile}; ` +
              'read the key file after the apply',
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
        (keys
          ? 'keys are set but TLS is disabled, and keys are checked only with TLS: '
          : 'TLS is disabled: ') +
          'anyone who can connect to the address can call; set ssl, for example SslSettings.fromPemFiles(…)',
      );
    }
    return (keys ?? (ssl && ApiKeys.generated()))?.bind(this);
  }
}

function requireServiceName(scope: Construct, name: string): void {
  if (!Token.isUnresolved(name) && !/^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/.test(name)) {
    throw new ConstructError(
      scope,
      `serviceName is "${name}"; expected 1 to 128 letters, digits and "-", starting with a letter or digit`,
    );
  }
}
