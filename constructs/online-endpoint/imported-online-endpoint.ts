import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { DataAzapiResource } from '../azapi/data-azapi-resource';
import { projectPath } from '../terraform/project-files';
import { sensitiveToken } from '../terraform/secret-value';
import { type IWorkspace, requireAzureWorkspace } from '../workspace/workspace-reference';
import { ENDPOINT_TYPE, endpointKeys } from './endpoint-keys';
import type { IOnlineEndpoint } from './online-endpoint-reference';
import { requireKnownProps } from '../validation/construct-error';

/** Attributes of an existing online endpoint. */
export interface OnlineEndpointAttributes {
  readonly workspace: IWorkspace;
  readonly endpointName: string;
  /**
   * PEM file with the root certificates that clients must trust, relative to the working directory.
   * @default - the public root certificates
   */
  readonly rootCertificateFile?: string | undefined;
}

const ONLINE_ENDPOINT_ATTRIBUTES: KnownKeys<OnlineEndpointAttributes> = {
  workspace: true,
  endpointName: true,
  rootCertificateFile: true,
};

/**
 * An online endpoint that is declared elsewhere.
 * @internal
 */
export class ImportedOnlineEndpoint extends Construct implements IOnlineEndpoint {
  readonly endpointName: string;
  readonly scoringUri: string;
  readonly primaryKey: string;
  readonly secondaryKey: string;
  readonly rootCertificateFile?: string | undefined;
  readonly revision: string;
  readonly dependables: ITerraformDependable[] = [];

  constructor(scope: Construct, id: string, attributes: OnlineEndpointAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, ONLINE_ENDPOINT_ATTRIBUTES);
    const { workspace, endpointName, rootCertificateFile } = attributes;
    const { workspaceId, azapiProvider } = requireAzureWorkspace(this, workspace, 'an online endpoint');
    const resourceId = `${workspaceId}/onlineEndpoints/${endpointName}`;
    const endpoint = new DataAzapiResource(this, 'Endpoint', {
      type: ENDPOINT_TYPE,
      resourceId,
      responseExportValues: ['properties.scoringUri'],
      provider: azapiProvider,
    });
    const keys = endpointKeys(this, resourceId, azapiProvider);
    this.endpointName = endpointName;
    this.scoringUri = endpoint.outputString('properties.scoringUri');
    this.primaryKey = sensitiveToken(keys.sensitiveOutputString('primaryKey'));
    this.secondaryKey = sensitiveToken(keys.sensitiveOutputString('secondaryKey'));
    this.revision = endpointName;
    if (rootCertificateFile !== undefined) {
      this.rootCertificateFile = projectPath(rootCertificateFile);
    }
  }
}
