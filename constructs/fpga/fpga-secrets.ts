import { Fn, Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import type { FpgaSecretUrls } from '../../lib/contract/fpga-machine-configuration';
import { KeyVaultSecret, RoleAssignment } from '../bindings/azurerm';
import { limitedName } from '../azure/derived-name';
import { digestOf } from '../azure/derived-name';
import { oncePerStack } from '../terraform/once-per-stack';
import { secretsInState } from '../terraform/secrets-in-state';
import { TerraformData } from '../terraform/terraform-data';
import type { ApiKeysConfiguration } from '../tls-and-keys/api-keys';
import { provideCertificate } from '../tls-and-keys/provided-certificate';
import { endpointKeys, provideKeys, type EndpointKeys } from '../tls-and-keys/provided-keys';
import type { SslConfiguration } from '../tls-and-keys/ssl-settings';
import { ConstructError } from '../validation/construct-error';
import { resolved } from '../validation/synth-value';
import type { FpgaCommon } from './fpga-network';

/** @internal */
export interface FpgaSecretsProps {
  readonly common: FpgaCommon;
  readonly ssl: SslConfiguration;
  readonly keys?: ApiKeysConfiguration | undefined;
  /** @default - none; all secrets are already in vaults */
  readonly keyVaultId?: string | undefined;
  /** Object ids that may write secrets. @default - the deploying identity already can */
  readonly secretsOfficers?: readonly string[] | undefined;
  /** Resources that must exist before secrets are written. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * Certificate and keys in Key Vault, which the machines read with their managed identity. Secrets that are already in a
 * vault stay there; all others are written to `keyVaultId`.
 */
export class FpgaSecrets extends Construct {
  /** Written secrets: keys, and a certificate from files or variables. */
  readonly secrets: KeyVaultSecret[] = [];
  /**
   * Resource that is replaced when a written secret or a key changes.
   * @default - all secrets are already in vaults
   */
  readonly revision?: TerraformData | undefined;
  /** Role assignments that let the deploying identities write secrets. */
  readonly officerRoles: RoleAssignment[] = [];
  /** @internal URLs from which the machines read the secrets. */
  readonly _urls: FpgaSecretUrls;
  /** @internal Secrets that the machines read: construct id of the role assignment, and ARM id of the secret. */
  readonly _readable: { readonly id: string; readonly resourceId: string }[] = [];
  /** @internal Keys of the endpoint. */
  _endpointKeys: EndpointKeys = {};
  private readonly prefix: string;
  /** Values that change with the secrets. */
  private readonly revisions: Record<string, string | undefined> = {};

  /** @internal Called only by a compute. */
  static _declare(scope: Construct, id: string, props: FpgaSecretsProps): FpgaSecrets {
    return new FpgaSecrets(scope, id, props);
  }

  private constructor(
    scope: Construct,
    id: string,
    private readonly props: FpgaSecretsProps,
  ) {
    super(scope, id);
    const { ssl, keys } = props;
    this.prefix = limitedName(this.node.path, 100);
    const certificate = this.certificateUrls(ssl);
    const keyUrls = keys && this.keyUrls(keys);
    if (Object.keys(this.revisions).length > 0) {
      this.revision = new TerraformData(this, 'Revision', { triggersReplace: this.revisions });
    }
    this._urls = {
      certificate,
      keys: keyUrls,
      revision: this.revision?.id,
    };
  }

  private certificateUrls(ssl: SslConfiguration): FpgaSecretUrls['certificate'] {
    const { keyVault } = ssl;
    if (keyVault) {
      // The secret with the certificate's name also contains its key. No version, because it may be renewed.
      this.mayRead('Certificate', `${keyVault.keyVaultId}/secrets/${keyVault.certificateName}`);
      return { bundle: `${keyVault.keyVaultUri}secrets/${keyVault.certificateName}` };
    }
    const pem = provideCertificate(this, ssl);
    if (!pem) {
      throw new ConstructError(
        this,
        'the source of the certificate is not supported; use one of SslSettings',
      );
    }
    const contentType = 'application/x-pem-file';
    const chain = this.write('Certificate', 'certificate', pem.certificate, contentType);
    const privateKey = this.write('PrivateKey', 'private-key', pem.privateKey, contentType);
    return { chain, privateKey };
  }

  private keyUrls(keys: ApiKeysConfiguration): { primary: string; secondary: string } {
    const { keyVault } = keys;
    if (keyVault) {
      const { primarySecret, secondarySecret } = keyVault;
      this.mayRead('PrimaryKey', primarySecret.resourceId);
      this.mayRead('SecondaryKey', secondarySecret.resourceId);
      this._endpointKeys = { keyVaultKeys: keyVault };
      if (primarySecret.version === undefined) {
        this.revisions.keys = keys.revision;
      }
      return { primary: primarySecret.url, secondary: secondarySecret.url };
    }
    const values = provideKeys(this, keys);
    this._endpointKeys = endpointKeys(values);
    return {
      primary: this.write('PrimaryKey', 'primary-key', values.primaryKey, 'text/plain'),
      secondary: this.write('SecondaryKey', 'secondary-key', values.secondaryKey, 'text/plain'),
    };
  }

  private write(id: string, name: string, value: string, contentType: string): string {
    const { keyVaultId, common, after } = this.props;
    if (keyVaultId === undefined) {
      throw new ConstructError(
        this,
        'the machines read keys and certificates from a key vault, but the workspace has none; ' +
          'set keyVaultId of FpgaCompute',
      );
    }
    this.letOfficersWrite(keyVaultId);
    const { provider, tags } = common;
    const secret = new KeyVaultSecret(this, `${id}Secret`, {
      name: `${this.prefix}-${name}`,
      keyVaultId,
      ...(secretsInState(this) ? { value } : { valueWo: value, valueWoVersion: versionOf(value) }),
      contentType,
      tags,
      provider,
      dependsOn: [...this.officerRoles, ...after],
    });
    this.secrets.push(secret);
    this.mayRead(id, secret.resourceVersionlessId);
    // The machines' configuration contains the revision, not this digest, because anyone who can read the machines can
    // read it.
    this.revisions[name] = Fn.sha256(value);
    // Without the version: azurerm plans an in-place update with the former version in `id`, so a reference to `id`
    // would change the machines only at the next apply.
    return secret.versionlessId;
  }

  /** Adds a secret. The name depends on its purpose, so that moving one secret does not affect the roles of the others. */
  private mayRead(what: string, resourceId: string): void {
    this._readable.push({ id: `${what}Role`, resourceId });
  }

  private letOfficersWrite(keyVaultId: string): void {
    if (this.officerRoles.length > 0) {
      return;
    }
    const { secretsOfficers = [], common } = this.props;
    for (const objectId of secretsOfficers) {
      // Azure rejects a duplicate role assignment, so the services of a stack share it.
      const id = `SecretsOfficer-${digestOf(resolved(this, `${keyVaultId} ${objectId}`))}`;
      this.officerRoles.push(
        oncePerStack(
          this,
          id,
          (stack) =>
            new RoleAssignment(stack, id, {
              scope: keyVaultId,
              // Writes the secrets from which the machines read: the identity that runs Terraform.
              roleDefinitionName: 'Key Vault Secrets Officer',
              principalId: objectId,
              provider: common.provider,
            }),
        ),
      );
    }
  }
}

/** Number that changes with a secret, and reveals 24 bits of its digest: azurerm writes a secret again if it changes. */
function versionOf(secret: string): number {
  // The first digit keeps it above zero, which azurerm would take for unset.
  const digits = Fn.join('', ['1', Token.asString(Fn.substr(Fn.sha256(secret), 0, 6))]);
  return Token.asNumber(Fn.parseint(digits, 16));
}
