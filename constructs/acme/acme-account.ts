import type { TerraformProvider, TerraformResource, TerraformVariable } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { requireSecretVariable, sensitiveToken } from '../terraform/secret-value';
import { requireKnownProps } from '../validation/construct-error';
import { requirePattern } from '../validation/synth-value';
import { AcmeRegistration } from './acme-resources';

/** An account of a certificate authority. */
export interface IAcmeAccount extends IConstruct {
  /** PEM of the private key that identifies the account, a sensitive token. */
  readonly accountKey: string;
  /**
   * `acme` provider of the account's authority.
   * @default - the provider without an alias
   */
  readonly provider?: TerraformProvider | undefined;
}

/** Credentials from a commercial authority that link an ACME account to a customer. */
export interface AcmeExternalAccountBinding {
  /** A sensitive variable without a default. */
  readonly keyId: TerraformVariable;
  /** HMAC key in base64url, as the authority issues it. A sensitive variable without a default. */
  readonly hmacKey: TerraformVariable;
}

/** Contact and credentials of a new account. A change replaces the account, and the certificates that it ordered. */
export interface AcmeAccountProps {
  /**
   * Contact address. Let's Encrypt sends no mail to it, and advises against setting it.
   * @default - none
   * @see https://letsencrypt.org/2025/06/26/expiration-notification-service-has-ended
   */
  readonly emailAddress?: string | undefined;
  /**
   * Credentials that the authority requires to register an account. Let's Encrypt requires none.
   * @default - none
   */
  readonly externalAccountBinding?: AcmeExternalAccountBinding | undefined;
  /**
   * `acme` provider of the account's authority, if the stack has several.
   * @default - the provider without an alias
   */
  readonly provider?: TerraformProvider | undefined;
}

const ACME_ACCOUNT_PROPS: KnownKeys<AcmeAccountProps> = {
  emailAddress: true,
  externalAccountBinding: { keyId: true, hmacKey: true },
  provider: true,
};

/** An existing account. */
export interface AcmeAccountAttributes {
  /** PEM of the account's private key. A sensitive variable without a default. */
  readonly accountKey: TerraformVariable;
  /**
   * `acme` provider of the account's authority, if the stack has several.
   * @default - the provider without an alias
   */
  readonly provider?: TerraformProvider | undefined;
}

const ACME_ACCOUNT_ATTRIBUTES: KnownKeys<AcmeAccountAttributes> = { accountKey: true, provider: true };

/**
 * Account of a certificate authority. The provider generates its key, which the state then contains, and agrees to the authority's
 * terms of service. Destroying it deactivates the account.
 */
export class AcmeAccount extends Construct implements IAcmeAccount {
  /** Refers to an account that exists already and that no stack deactivates, registered for example by `certbot` or `lego`. */
  static fromAccountKey(scope: Construct, id: string, attributes: AcmeAccountAttributes): IAcmeAccount {
    return new ImportedAcmeAccount(scope, id, attributes);
  }

  readonly accountKey: string;
  readonly provider?: TerraformProvider | undefined;
  /** The `acme_registration`. */
  readonly resource: TerraformResource;

  constructor(scope: Construct, id: string, props: AcmeAccountProps = {}) {
    super(scope, id);
    requireKnownProps(this, props, ACME_ACCOUNT_PROPS);
    const { emailAddress, externalAccountBinding: binding, provider } = props;
    requirePattern(
      this,
      'emailAddress',
      emailAddress,
      /^[^\s@]+@[^\s@]+$/,
      'an email address, such as ops@example.com',
    );
    if (binding) {
      requireSecretVariable(this, 'externalAccountBinding.keyId', binding.keyId);
      requireSecretVariable(this, 'externalAccountBinding.hmacKey', binding.hmacKey);
    }
    const registration = new AcmeRegistration(this, 'Registration', {
      emailAddress,
      externalAccountBinding: binding && {
        keyId: binding.keyId.stringValue,
        hmacBase64: binding.hmacKey.stringValue,
      },
      provider,
    });
    this.provider = provider;
    this.resource = registration;
    this.node.defaultChild = registration;
    this.accountKey = registration.accountKeyPem;
  }
}

class ImportedAcmeAccount extends Construct implements IAcmeAccount {
  readonly accountKey: string;
  readonly provider?: TerraformProvider | undefined;

  constructor(scope: Construct, id: string, attributes: AcmeAccountAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, ACME_ACCOUNT_ATTRIBUTES);
    const { accountKey, provider } = attributes;
    requireSecretVariable(this, 'accountKey', accountKey);
    this.accountKey = sensitiveToken(accountKey.stringValue);
    this.provider = provider;
  }
}
