import { Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { PORT_NUMBER } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { nameFromPath } from '../azure/derived-name';
import type { IRegisteredModel } from '../model/registered-model-reference';
import { projectPath } from '../terraform/project-files';
import { sensitiveToken } from '../tls-and-keys/secret-value';
import { ClientPrerequisites } from './client-prerequisites';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireKnown, requireNumber } from '../validation/synth-value';
import type { IWebservice, WebserviceEndpoint } from './webservice';

/** A web service that exists already. */
export interface WebserviceAttributes {
  readonly ipAddress: string;
  /** @default 443 with a host name, 80 without */
  readonly port?: number | undefined;
  /**
   * The name that clients check the certificate against.
   * @default - no TLS
   */
  readonly hostname?: string | undefined;
  /** @default - made of the construct's path */
  readonly serviceName?: string | undefined;
  /**
   * What it scores with.
   * @default - not known: a smoke test asks for the only model there is
   */
  readonly model?: IRegisteredModel | undefined;
  /**
   * A sensitive token, for a smoke test.
   * @default - the keys are in `keyFile`, or there are none
   */
  readonly primaryKey?: string | undefined;
  /**
   * A sensitive token.
   * @default - the primary key
   */
  readonly secondaryKey?: string | undefined;
  /**
   * JSON `{"primaryKey","secondaryKey"}`, relative to the working directory, for a smoke test.
   * @default - the keys are the tokens above, or there are none
   */
  readonly keyFile?: string | undefined;
  /**
   * PEM, relative to the working directory: what clients trust beside the public roots.
   * @default - the public roots
   */
  readonly rootCertificateFile?: string | undefined;
  /**
   * Changes when what answers there does: a smoke test then runs again.
   * @default - made of the attributes
   */
  readonly revision?: string | undefined;
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
};

/** @internal */
export class ImportedWebservice extends Construct implements IWebservice {
  readonly serviceName: string;
  readonly model?: IRegisteredModel | undefined;
  readonly endpoint: WebserviceEndpoint;
  private readonly prerequisites = new ClientPrerequisites();

  constructor(scope: Construct, id: string, attributes: WebserviceAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, WEBSERVICE_ATTRIBUTES);
    const { ipAddress, hostname, primaryKey, keyFile, rootCertificateFile, model } = attributes;
    // What a program without types leaves out would fail in places that name nothing of it.
    if (ipAddress === '' || (ipAddress as string | undefined) === undefined) {
      throw new ConstructError(this, 'ipAddress is missing; give the address that the service answers on');
    }
    const { port = hostname === undefined ? 80 : 443, secondaryKey = primaryKey } = attributes;
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
      dependables: [],
    };
  }

  get clientPrerequisites(): ITerraformDependable[] {
    return this.prerequisites.all;
  }

  addClientPrerequisite(prerequisite: ITerraformDependable): void {
    this.prerequisites.add(prerequisite);
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
      `${what} is plain text, which would stand in the synthesized JSON; give a sensitive variable's stringValue, ` +
        'or write the keys into a file and give keyFile',
    );
  }
}
