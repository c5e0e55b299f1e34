import { TerraformResource, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import { requireProvidersInStack } from '../terraform/stack-providers';
import { ACME_METADATA } from './acme-provider';

/** @internal */
export interface AcmeRegistrationConfig extends TerraformMetaArguments {
  /** @default - none */
  readonly emailAddress?: string | undefined;
  /** Both are sensitive tokens. @default - none */
  readonly externalAccountBinding?: { readonly keyId: string; readonly hmacBase64: string } | undefined;
}

/**
 * An account with a key that the provider generates (`acme_registration`).
 * @see https://registry.terraform.io/providers/vancluever/acme/latest/docs/resources/registration
 * @internal
 */
export class AcmeRegistration extends TerraformResource {
  static readonly tfResourceType = 'acme_registration';
  private readonly config: AcmeRegistrationConfig;

  constructor(scope: Construct, id: string, config: AcmeRegistrationConfig) {
    super(scope, id, {
      ...config,
      terraformResourceType: AcmeRegistration.tfResourceType,
      terraformGeneratorMetadata: ACME_METADATA,
    });
    requireProvidersInStack(this);
    this.config = config;
  }

  get accountKeyPem(): string {
    return this.getStringAttribute('account_key_pem');
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { emailAddress, externalAccountBinding: binding } = this.config;
    return {
      email_address: emailAddress,
      external_account_binding: binding && [{ key_id: binding.keyId, hmac_base64: binding.hmacBase64 }],
    };
  }
}

/** @internal */
export interface AcmeCertificateResourceConfig extends TerraformMetaArguments {
  /** A sensitive token. */
  readonly accountKeyPem: string;
  readonly commonName: string;
  /** @default - none */
  readonly subjectAlternativeNames?: readonly string[] | undefined;
  readonly keyType: string;
  /** @default - from a third of the lifetime on, or from half of it if that is at most 10 days */
  readonly minDaysRemaining?: number | undefined;
  /** @default - that of the authority */
  readonly profile?: string | undefined;
  readonly dnsChallenge: {
    readonly provider: string;
    /** Settings that are not secret. @default - the environment of Terraform */
    readonly config?: Readonly<Record<string, string>> | undefined;
  };
  /** `host:port`. @default - those of the machine */
  readonly recursiveNameservers?: readonly string[] | undefined;
  /** @default - the provider looks the record up until it is there */
  readonly propagationWait?: number | undefined;
}

/**
 * A certificate (`acme_certificate`).
 * @see https://registry.terraform.io/providers/vancluever/acme/latest/docs/resources/certificate
 * @internal
 */
export class AcmeCertificateResource extends TerraformResource {
  static readonly tfResourceType = 'acme_certificate';
  private readonly config: AcmeCertificateResourceConfig;

  constructor(scope: Construct, id: string, config: AcmeCertificateResourceConfig) {
    super(scope, id, {
      ...config,
      terraformResourceType: AcmeCertificateResource.tfResourceType,
      terraformGeneratorMetadata: ACME_METADATA,
    });
    requireProvidersInStack(this);
    this.config = config;
  }

  /** PEM, without the intermediate certificates. */
  get certificatePem(): string {
    return this.getStringAttribute('certificate_pem');
  }

  /** PEM of the intermediate certificates. */
  get issuerPem(): string {
    return this.getStringAttribute('issuer_pem');
  }

  get privateKeyPem(): string {
    return this.getStringAttribute('private_key_pem');
  }

  /** Base64 of a PKCS #12 file without a password: the certificate, the intermediate certificates and the private key. */
  get certificateP12(): string {
    return this.getStringAttribute('certificate_p12');
  }

  /** RFC 3339. */
  get certificateNotAfter(): string {
    return this.getStringAttribute('certificate_not_after');
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { config } = this;
    return {
      account_key_pem: config.accountKeyPem,
      common_name: config.commonName,
      subject_alternative_names: config.subjectAlternativeNames,
      key_type: config.keyType,
      // The provider rejects both together.
      min_days_remaining: config.minDaysRemaining,
      min_days_dynamic: config.minDaysRemaining === undefined ? true : undefined,
      profile: config.profile,
      dns_challenge: [{ provider: config.dnsChallenge.provider, config: config.dnsChallenge.config }],
      recursive_nameservers: config.recursiveNameservers,
      propagation_wait: config.propagationWait,
    };
  }
}
