import { Fn, Token, type TerraformResource } from 'cdktf';
import { Construct } from 'constructs';

import { parseHostname } from '../../lib/tls';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { wholeNumber } from '../../lib/validation/number-range';
import { requireKeyVaultId, requireSecretName } from '../azure/key-vault-id';
import { KeyVaultCertificate } from '../bindings/azurerm';
import { oncePerStack } from '../terraform/once-per-stack';
import { sensitiveToken } from '../terraform/secret-value';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber, requirePattern } from '../validation/synth-value';
import { AcmeAccount, type IAcmeAccount } from './acme-account';
import type { AcmeChallenge } from './acme-challenge';
import { AcmeCertificateResource } from './acme-resources';

/** Type of a certificate's private key. */
export enum AcmeKeyType {
  RSA_2048 = '2048',
  RSA_4096 = '4096',
  /** Handshakes cost the server less than with RSA. */
  EC_P256 = 'P256',
  EC_P384 = 'P384',
}

/** Names of a certificate, and how it is ordered and renewed. */
export interface AcmeCertificateOptions {
  /** Host name that clients check the certificate against. */
  readonly hostname: string;
  /**
   * Other names that the certificate covers, such as `*.scoring.example.com`.
   * @default - none
   */
  readonly alternativeNames?: string[] | undefined;
  /** Proof that the names are yours. */
  readonly challenge: AcmeChallenge;
  /**
   * Account that orders the certificate.
   * @default - an account that the certificates of the stack share
   */
  readonly account?: IAcmeAccount | undefined;
  /** @default AcmeKeyType.RSA_2048, which every client and every service of Azure supports */
  readonly keyType?: AcmeKeyType | undefined;
  /**
   * Number of days before expiry from which an apply renews the certificate.
   * @default - a third of the certificate's lifetime, or half of it if that is at most 10 days
   */
  readonly renewBeforeDays?: number | undefined;
  /**
   * Profile of the certificate, which the authority defines, such as `shortlived` of Let's Encrypt.
   * @default - the authority's default
   * @see https://letsencrypt.org/docs/profiles/
   */
  readonly profile?: string | undefined;
}

/** @internal */
export const ACME_CERTIFICATE_OPTIONS: KnownKeys<AcmeCertificateOptions> = {
  hostname: true,
  alternativeNames: true,
  challenge: true,
  account: true,
  keyType: true,
  renewBeforeDays: true,
  profile: true,
};

/** Names of a certificate, and where it is stored. */
export interface AcmeCertificateProps extends AcmeCertificateOptions {
  /**
   * ARM id of a key vault to import the certificate into. A renewal is a new version of the vault's certificate. The identity that
   * runs Terraform needs the role "Key Vault Certificates Officer" on the vault.
   * @default - the certificate is only in the state
   */
  readonly keyVaultId?: string | undefined;
  /**
   * Name of the certificate in the key vault.
   * @default - the host name, with hyphens instead of dots
   */
  readonly certificateName?: string | undefined;
}

const ACME_CERTIFICATE_PROPS: KnownKeys<AcmeCertificateProps> = {
  ...ACME_CERTIFICATE_OPTIONS,
  keyVaultId: true,
  certificateName: true,
};

/**
 * A certificate from an authority that speaks ACME, such as Let's Encrypt. An apply renews it before it expires. The stack needs an
 * `AcmeProvider`.
 *
 * The state contains its private key and the key of the account. Declare it in a stack of its own, whose backend encrypts the state,
 * set `keyVaultId`, and let services use `SslSettings.fromKeyVaultCertificate`.
 */
export class AcmeCertificate extends Construct {
  /** Host name that clients check the certificate against. */
  readonly hostname: string;
  /** PEM: the certificate, followed by the intermediate certificates. A sensitive token. */
  readonly certificateChain: string;
  /** PEM. A sensitive token. */
  readonly privateKey: string;
  /** Expiry date (RFC 3339), a token. */
  readonly expiryDate: string;
  readonly account: IAcmeAccount;
  /** The `acme_certificate`. */
  readonly resource: TerraformResource;
  /** Certificate in the key vault. @default - `keyVaultId` is not set */
  readonly keyVaultCertificate?: KeyVaultCertificate | undefined;

  constructor(scope: Construct, id: string, props: AcmeCertificateProps) {
    super(scope, id);
    requireKnownProps(this, props, ACME_CERTIFICATE_PROPS);
    const { hostname, alternativeNames = [], challenge, keyType = AcmeKeyType.RSA_2048 } = props;
    this.requireNames(hostname, alternativeNames);
    requireNumber(this, 'renewBeforeDays', props.renewBeforeDays, wholeNumber(1));
    requirePattern(this, 'profile', props.profile, /^\S+$/, "a name of the authority's profiles");
    const { providerCode, settings, nameservers, propagationWaitSeconds, dependables } = challenge.bind(
      this,
      [hostname, ...alternativeNames],
    );
    this.account =
      props.account ?? oncePerStack(this, 'AcmeAccount', (stack, name) => new AcmeAccount(stack, name));
    const certificate = new AcmeCertificateResource(this, 'Certificate', {
      accountKeyPem: this.account.accountKey,
      commonName: hostname,
      subjectAlternativeNames: alternativeNames.length === 0 ? undefined : alternativeNames,
      keyType,
      minDaysRemaining: props.renewBeforeDays,
      profile: props.profile,
      dnsChallenge: { provider: providerCode, config: settings },
      recursiveNameservers: nameservers,
      propagationWait: propagationWaitSeconds,
      provider: this.account.provider,
      dependsOn: dependables,
      // Destroying a certificate revokes it, so services must have the next one first.
      lifecycle: { createBeforeDestroy: true },
    });
    this.hostname = hostname;
    this.resource = certificate;
    this.node.defaultChild = certificate;
    this.certificateChain = sensitiveToken(
      Token.asString(Fn.join('', [certificate.certificatePem, certificate.issuerPem])),
    );
    this.privateKey = sensitiveToken(certificate.privateKeyPem);
    this.expiryDate = certificate.certificateNotAfter;
    this.keyVaultCertificate = this.importCertificate(certificate, props);
  }

  private importCertificate(
    certificate: AcmeCertificateResource,
    { hostname, keyVaultId, certificateName }: AcmeCertificateProps,
  ): KeyVaultCertificate | undefined {
    if (keyVaultId === undefined) {
      if (certificateName !== undefined) {
        throw new ConstructError(
          this,
          `certificateName is "${certificateName}", but applies only to a certificate in a key vault; set keyVaultId, or remove it`,
        );
      }
      return undefined;
    }
    requireKeyVaultId(this, 'keyVaultId', keyVaultId);
    const name = certificateName ?? hyphenated(hostname);
    requireSecretName(this, 'certificateName', name);
    return new KeyVaultCertificate(this, 'Import', {
      keyVaultId,
      name,
      // The vault takes PEM only with a key in PKCS #8, which the provider does not write.
      certificate: { contents: certificate.certificateP12, password: '' },
    });
  }

  private requireNames(hostname: string, alternativeNames: readonly string[]): void {
    this.requireName('hostname', hostname, false);
    alternativeNames.forEach((name, index) => {
      const option = `alternativeNames[${index}]`;
      this.requireName(option, name, true);
      if ([hostname, ...alternativeNames.slice(0, index)].includes(name)) {
        throw new ConstructError(
          this,
          `${option} is "${name}", which the certificate already covers; remove it`,
        );
      }
    });
  }

  private requireName(option: string, name: string, mayBeWildcard: boolean): void {
    if (Token.isUnresolved(name)) {
      return;
    }
    const host = parseHostname(mayBeWildcard ? name.replace(/^\*\./, '') : name);
    if (host?.kind !== 'dns' || !host.value.includes('.')) {
      throw new ConstructError(
        this,
        `${option} is "${name}"; expected a DNS name in a zone of yours, such as scoring.example.com, without a scheme or port` +
          (mayBeWildcard ? '' : ', and not a wildcard, which alternativeNames may contain'),
      );
    }
  }
}

function hyphenated(hostname: string): string {
  return Token.isUnresolved(hostname)
    ? Token.asString(Fn.replace(hostname, '.', '-'))
    : hostname.replaceAll('.', '-');
}
