import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import { defaultPort } from '../../lib/connection/default-port';
import { PORT_NUMBER } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { nameFromPath } from '../azure/derived-name';
import type { IRegisteredModel } from '../model/registered-model-reference';
import { projectPath } from '../terraform/project-files';
import { sensitiveToken } from '../terraform/secret-value';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireKnown, requireNumber } from '../validation/synth-value';
import type { WebserviceEndpoint } from './webservice';
import { WebserviceBase } from './webservice-base';

/** Attributes of an existing web service. */
export interface WebserviceAttributes {
  readonly ipAddress: string;
  /** @default 443 with a host name, 80 without */
  readonly port?: number | undefined;
  /**
   * Host name that clients check the certificate against.
   * @default - no TLS
   */
  readonly hostname?: string | undefined;
  /** @default - derived from the construct's path */
  readonly serviceName?: string | undefined;
  /**
   * Model that the service runs.
   * @default - unknown; a smoke test calls the only model that is served
   */
  readonly model?: IRegisteredModel | undefined;
  /**
   * Primary key for a smoke test, a sensitive token.
   * @default - the keys are in `keyFile`, or there are none
   */
  readonly primaryKey?: string | undefined;
  /**
   * Secondary key, a sensitive token.
   * @default - the primary key
   */
  readonly secondaryKey?: string | undefined;
  /**
   * Key file for a smoke test, relative to the working directory: JSON `{"primaryKey","secondaryKey"}`.
   * @default - the keys are the tokens above, or there are none
   */
  readonly keyFile?: string | undefined;
  /**
   * PEM file, relative to the working directory: root certificates that clients trust in addition to the public ones.
   * @default - only the public root certificates
   */
  readonly rootCertificateFile?: string | undefined;
  /**
   * Value that changes when the deployment of the service changes. A smoke test then runs again.
   * @default - derived from the attributes
   */
  readonly revision?: string | undefined;
  /**
   * Labels that all series of the service have in Prometheus, and no others: `{ job: 'scoring' }`.
   * @default - unknown; metrics select the series of every scoring server
   */
  readonly metricLabels?: Record<string, string> | undefined;
}

const WEBSERVICE_ATTRIBUTES: KnownKeys<WebserviceAttributes> = {
  ipAddress: true,
  port: true,
  hostname: true,
  serviceName: true,
  model: true,
  primaryKey: true,
  secondaryKey: true,
  keyFile: true,
  rootCertificateFile: true,
  revision: true,
  metricLabels: true,
};

/** @internal */
export class ImportedWebservice extends WebserviceBase {
  readonly serviceName: string;
  readonly model?: IRegisteredModel | undefined;
  readonly endpoint: WebserviceEndpoint;

  constructor(scope: Construct, id: string, attributes: WebserviceAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, WEBSERVICE_ATTRIBUTES);
    const { ipAddress, hostname, primaryKey, keyFile, rootCertificateFile, model } = attributes;
    // Without this check, a missing value in an untyped program would cause an unrelated error elsewhere.
    if (ipAddress === '' || (ipAddress as string | undefined) === undefined) {
      throw new ConstructError(this, 'ipAddress is missing; set it to the IP address of the service');
    }
    const { port = defaultPort(hostname !== undefined), secondaryKey = primaryKey } = attributes;
    requireNumber(this, 'port', port, PORT_NUMBER);
    if (primaryKey !== undefined) {
      requireToken(this, 'primaryKey', primaryKey);
    }
    if (secondaryKey !== undefined) {
      requireToken(this, 'secondaryKey', secondaryKey);
    }
    this.serviceName = attributes.serviceName ?? nameFromPath(this);
    this.model = model;
    this.endpoint = {
      address: ipAddress,
      port,
      hostname,
      primaryKey: primaryKey && sensitiveToken(primaryKey),
      secondaryKey: secondaryKey && sensitiveToken(secondaryKey),
      keyFile: keyFile === undefined ? undefined : this.inProject('keyFile', keyFile),
      rootCertificateFile:
        rootCertificateFile === undefined
          ? undefined
          : this.inProject('rootCertificateFile', rootCertificateFile),
      revision: attributes.revision ?? `${ipAddress}:${port}`,
      metricLabels: attributes.metricLabels,
      dependables: [],
    };
  }

  private inProject(what: string, file: string): string {
    requireKnown(this, what, file);
    return projectPath(file);
  }
}

function requireToken(scope: Construct, what: string, key: string): void {
  if (!Token.isUnresolved(key)) {
    throw new ConstructError(
      scope,
      `${what} is plain text, which the synthesized JSON would contain; pass the stringValue of a sensitive variable, ` +
        'or write the keys to a file and set keyFile',
    );
  }
}
