import { dependable, Fn, Lazy, Token, type ITerraformDependable } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { AzapiResource } from '../azapi/azapi-resource';
import { AzapiResourceAction } from '../azapi/azapi-resource-action';
import { limitedName } from '../azure/derived-name';
import {
  ContainerAppCustomDomain,
  ContainerAppEnvironmentCertificate,
  RoleAssignment,
  type ContainerApp,
} from '../bindings/azurerm';
import { dependablesFor } from '../terraform/dependables';
import { requirePem } from '../tls-and-keys/provided-certificate';
import type { KeyVaultCertificateConfiguration, SslConfiguration } from '../tls-and-keys/ssl-settings';
import type { IWebservice } from '../webservice/webservice';
import type { IContainerAppsEnvironment } from './container-apps-environment-reference';

/** @internal */
export interface ContainerAppsDomainProps {
  readonly environment: IContainerAppsEnvironment;
  readonly app: ContainerApp;
  readonly hostname: string;
  readonly ssl: SslConfiguration;
  /** Service, whose DNS records must exist first. */
  readonly webservice: Construct;
}

const APP_TYPE = 'Microsoft.App/containerApps@2025-01-01';
const MANAGED_CERTIFICATE_TYPE = 'Microsoft.App/managedEnvironments/managedCertificates@2025-01-01';
const DIGEST = 8;

/**
 * Your own host name of an app, with its certificate.
 *
 * Azure issues a certificate only for a host name that the app already has, and deletes only certificates that no app uses. So the
 * host name is added first, bound to the certificate afterwards, and released before the certificate is destroyed. A changed
 * certificate is bound in place.
 *
 * @see https://learn.microsoft.com/azure/container-apps/custom-domains-managed-certificates
 */
export class ContainerAppsDomain extends Construct {
  readonly customDomain: ContainerAppCustomDomain;
  /** Certificate that Azure issues. @default - the certificate is yours */
  readonly managedCertificate?: AzapiResource | undefined;
  /** Your certificate. @default - Azure issues it */
  readonly certificate?: ContainerAppEnvironmentCertificate | undefined;
  /** Role with which the environment reads the certificate. @default - it is not in a key vault */
  readonly roleAssignment?: RoleAssignment | undefined;
  /** Binds the host name to the certificate. */
  readonly binding: AzapiResourceAction;
  /** Releases the certificate at destroy. */
  readonly release: AzapiResourceAction;

  /** @internal Called only by a compute. */
  static _declare(scope: Construct, id: string, props: ContainerAppsDomainProps): ContainerAppsDomain {
    return new ContainerAppsDomain(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: ContainerAppsDomainProps) {
    super(scope, id);
    const { environment, app, hostname, ssl, webservice } = props;
    const { provider, azapiProvider } = environment;
    this.customDomain = new ContainerAppCustomDomain(this, 'CustomDomain', {
      name: hostname,
      containerAppId: app.id,
      provider,
      // Set by the binding below.
      lifecycle: { ignoreChanges: ['certificate_binding_type', 'container_app_environment_certificate_id'] },
    });
    let certificateId: string;
    let certificate: ITerraformDependable;
    if (ssl.managed) {
      this.managedCertificate = new AzapiResource(this, 'ManagedCertificate', {
        type: MANAGED_CERTIFICATE_TYPE,
        name: limitedName(hostname, 60),
        parentId: environment.environmentId,
        location: environment.location,
        body: { properties: { subjectName: hostname, domainControlValidation: 'CNAME' } },
        provider: azapiProvider,
        dependsOn: [this.customDomain],
      });
      certificate = this.managedCertificate;
      certificateId = this.managedCertificate.id;
    } else {
      if (ssl.keyVault) {
        this.roleAssignment = this.letEnvironmentRead(environment, ssl.keyVault);
      }
      this.certificate = this.ownCertificate(props);
      certificate = this.certificate;
      certificateId = this.certificate.id;
    }
    const binding = (domain: Record<string, unknown>) => ({
      properties: { configuration: { ingress: { customDomains: [{ name: hostname, ...domain }] } } },
    });
    const action = { type: APP_TYPE, resourceId: app.id, method: 'PATCH', provider: azapiProvider };
    this.release = new AzapiResourceAction(this, 'Release', {
      ...action,
      when: 'destroy',
      body: binding({ bindingType: 'Disabled' }),
      dependsOn: [this.customDomain, certificate],
    });
    this.binding = new AzapiResourceAction(this, 'Binding', {
      ...action,
      body: binding({ bindingType: 'SniEnabled', certificateId }),
      dependsOn: [this.customDomain, this.release],
    });
    if (isWebservice(webservice)) {
      // Azure looks up the DNS records of the service, which may be declared later.
      const records = () => webservice.clientPrerequisites.filter((each) => each !== this.binding);
      this.customDomain.dependsOn = Lazy.listValue({
        produce: () => dependablesFor(this, records()).map((each) => dependable(each)),
      });
      webservice.addClientPrerequisite(this.binding);
    }
  }

  private letEnvironmentRead(
    environment: IContainerAppsEnvironment,
    { keyVaultId, certificateName }: KeyVaultCertificateConfiguration,
  ): RoleAssignment {
    // Takes the certificate, which the vault keeps as a secret, and its renewals.
    return new RoleAssignment(this, 'CertificateRole', {
      scope: `${keyVaultId}/secrets/${certificateName}`,
      roleDefinitionName: 'Key Vault Secrets User',
      principalId: environment.certificateIdentity().principalId,
      principalType: 'ServicePrincipal',
      provider: environment.provider,
    });
  }

  private ownCertificate({
    environment,
    ssl,
    hostname,
  }: ContainerAppsDomainProps): ContainerAppEnvironmentCertificate {
    const { environmentId, provider } = environment;
    const common = { containerAppEnvironmentId: environmentId, provider };
    const name = limitedName(hostname, 60 - 1 - DIGEST);
    const { keyVault } = ssl;
    if (keyVault) {
      const { keyVaultUri, certificateName } = keyVault;
      return new ContainerAppEnvironmentCertificate(this, 'Certificate', {
        ...common,
        name,
        // No version: Azure takes renewed certificates from the vault.
        certificateKeyVault: {
          identity: environment.certificateIdentity().id,
          keyVaultSecretId: `${keyVaultUri}secrets/${certificateName}`,
        },
        dependsOn: this.roleAssignment && [this.roleAssignment],
      });
    }
    const pem = requirePem(this, ssl);
    const digest = Token.asString(Fn.nonsensitive(Fn.substr(Fn.sha256(pem.revision), 0, DIGEST)));
    return new ContainerAppEnvironmentCertificate(this, 'Certificate', {
      ...common,
      // The next certificate is bound before this one is deleted.
      name: `${name}-${digest}`,
      certificateBlobBase64: Fn.base64encode(Fn.join('\n', [pem.certificate, pem.privateKey])),
      certificatePassword: '',
      lifecycle: { createBeforeDestroy: true },
    });
  }
}

function isWebservice(scope: IConstruct): scope is IWebservice {
  return 'clientPrerequisites' in scope && 'addClientPrerequisite' in scope;
}
