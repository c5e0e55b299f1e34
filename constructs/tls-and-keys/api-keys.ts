import { DataAzurermKeyVaultSecret } from '@cdktf/provider-azurerm/lib/data-azurerm-key-vault-secret';
import { Fn, Token, type TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { requireKeyVaultId, requireSecretName } from '../azure/key-vault-id';
import { requireSecretVariable, sensitiveToken } from './secret-value';
import { requireKnownProps } from '../validation/construct-error';

/** The keys as a compute needs to know them. */
export interface ApiKeysConfiguration {
  /**
   * The compute makes the keys.
   * @default - the values below are used
   */
  readonly generated?: GeneratedApiKeysConfiguration | undefined;
  /**
   * A sensitive token.
   * @default - made by the compute
   */
  readonly primaryKey?: string | undefined;
  /**
   * A sensitive token.
   * @default - made by the compute
   */
  readonly secondaryKey?: string | undefined;
  /**
   * Changes when a key does, and tells nothing of it.
   * @default - made by the compute
   */
  readonly revision?: string | undefined;
  /**
   * Where the values above come from, for a compute whose machines can read them there themselves.
   * @default - they are not in a vault
   */
  readonly keyVault?: KeyVaultApiKeysConfiguration | undefined;
}

/** Which keys the compute makes. A changed rotation makes another key. */
export interface GeneratedApiKeysConfiguration {
  readonly primaryRotation: string;
  readonly secondaryRotation: string;
}

/** Keys that lie in an Azure Key Vault. */
export interface KeyVaultApiKeysConfiguration {
  readonly primarySecret: KeyVaultSecretReference;
  readonly secondarySecret: KeyVaultSecretReference;
}

/** A secret of an Azure Key Vault, without its value. */
export interface KeyVaultSecretReference {
  /**
   * The address that the secret is read from. With a version in it, it changes whenever the value does.
   */
  readonly url: string;
  /** The secret's ARM id, without a version: what a role to read it is assigned at. */
  readonly resourceId: string;
}

/** Which make of the two keys is wanted. */
export interface GeneratedApiKeysProps {
  /**
   * Another text makes another primary key; the secondary one stays.
   * @default '1'
   */
  readonly primaryRotation?: string | undefined;
  /**
   * Another text makes another secondary key; the primary one stays.
   * @default '1'
   */
  readonly secondaryRotation?: string | undefined;
}

const GENERATED_API_KEYS_PROPS: KnownKeys<GeneratedApiKeysProps> = {
  primaryRotation: true,
  secondaryRotation: true,
};

/** The Terraform variables that hold the two keys. */
export interface VariableApiKeysProps {
  /** A sensitive variable without a default. */
  readonly primaryKey: TerraformVariable;
  /** A sensitive variable without a default. */
  readonly secondaryKey: TerraformVariable;
}

const VARIABLE_API_KEYS_PROPS: KnownKeys<VariableApiKeysProps> = { primaryKey: true, secondaryKey: true };

/** The vault that holds the two keys, and their names there. */
export interface KeyVaultApiKeysProps {
  /** The vault's ARM id. */
  readonly keyVaultId: string;
  /**
   * The secret that holds the primary key and nothing else.
   * @default 'scoring-primary-key'
   */
  readonly primarySecretName?: string | undefined;
  /**
   * The secret that holds the secondary key and nothing else.
   * @default 'scoring-secondary-key'
   */
  readonly secondarySecretName?: string | undefined;
}

const KEY_VAULT_API_KEYS_PROPS: KnownKeys<KeyVaultApiKeysProps> = {
  keyVaultId: true,
  primarySecretName: true,
  secondarySecretName: true,
};

/**
 * The primary and the secondary key of a web service. Both are valid at once, so that clients can move to one
 * while the other is changed.
 */
export abstract class ApiKeys {
  /** Keys that are made at apply. */
  static generated(props: GeneratedApiKeysProps = {}): ApiKeys {
    return new GeneratedApiKeys(props);
  }

  /** Keys from sensitive Terraform variables (`TF_VAR_…`, a variable file, a workspace's variable). */
  static fromVariables(props: VariableApiKeysProps): ApiKeys {
    return new VariableApiKeys(props);
  }

  /**
   * Keys that are secrets of an Azure Key Vault. Terraform reads them whenever it plans: who runs it needs the role
   * "Key Vault Secrets User" there. A new version of a secret is a changed key.
   */
  static fromKeyVaultSecrets(props: KeyVaultApiKeysProps): ApiKeys {
    return new KeyVaultApiKeys(props);
  }

  /** What a web service does to have the keys. */
  abstract bind(scope: Construct): ApiKeysConfiguration;
}

class GeneratedApiKeys extends ApiKeys {
  constructor(private readonly props: GeneratedApiKeysProps) {
    super();
  }

  bind(scope: Construct): ApiKeysConfiguration {
    requireKnownProps(scope, this.props, GENERATED_API_KEYS_PROPS);
    const { primaryRotation = '1', secondaryRotation = '1' } = this.props;
    return { generated: { primaryRotation, secondaryRotation } };
  }
}

class VariableApiKeys extends ApiKeys {
  constructor(private readonly props: VariableApiKeysProps) {
    super();
  }

  bind(scope: Construct): ApiKeysConfiguration {
    requireKnownProps(scope, this.props, VARIABLE_API_KEYS_PROPS);
    const { primaryKey, secondaryKey } = this.props;
    requireSecretVariable(scope, 'primaryKey', primaryKey);
    requireSecretVariable(scope, 'secondaryKey', secondaryKey);
    return {
      primaryKey: sensitiveToken(primaryKey.stringValue),
      secondaryKey: sensitiveToken(secondaryKey.stringValue),
      revision: Token.asString(Fn.sha256(Fn.join('\n', [primaryKey.stringValue, secondaryKey.stringValue]))),
    };
  }
}

class KeyVaultApiKeys extends ApiKeys {
  constructor(private readonly props: KeyVaultApiKeysProps) {
    super();
  }

  bind(scope: Construct): ApiKeysConfiguration {
    requireKnownProps(scope, this.props, KEY_VAULT_API_KEYS_PROPS);
    const { keyVaultId } = this.props;
    const { primarySecretName = 'scoring-primary-key', secondarySecretName = 'scoring-secondary-key' } =
      this.props;
    requireKeyVaultId(scope, 'keyVaultId', keyVaultId);
    requireSecretName(scope, 'primarySecretName', primarySecretName);
    requireSecretName(scope, 'secondarySecretName', secondarySecretName);
    const primary = new DataAzurermKeyVaultSecret(scope, 'PrimaryKey', {
      keyVaultId,
      name: primarySecretName,
    });
    const secondary = new DataAzurermKeyVaultSecret(scope, 'SecondaryKey', {
      keyVaultId,
      name: secondarySecretName,
    });
    return {
      primaryKey: sensitiveToken(primary.value),
      secondaryKey: sensitiveToken(secondary.value),
      // Versions are random: they tell nothing of the keys.
      revision: Fn.join('/', [primary.version, secondary.version]),
      keyVault: { primarySecret: referenceTo(primary), secondarySecret: referenceTo(secondary) },
    };
  }
}

function referenceTo(secret: DataAzurermKeyVaultSecret): KeyVaultSecretReference {
  return { url: secret.id, resourceId: secret.resourceVersionlessId };
}
