import { Token, type ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { wholeNumber } from '../../lib/validation/number-range';
import { clientConfig } from '../azure/client-config';
import { nameInZone } from '../dns/dns-name';
import { ZoneVisibility, type IDnsZone } from '../dns/dns-zone-reference';
import { dependablesFor } from '../terraform/dependables';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber, requirePattern } from '../validation/synth-value';

/** How Terraform waits until the challenge's TXT record is visible. */
export interface AcmeChallengeOptions {
  /**
   * DNS servers that are asked for the TXT record, as `host:port`. Set them if the machine that runs Terraform resolves the zone
   * differently from the internet, for example in a private zone of the same name: `1.1.1.1:53`.
   * @default - the DNS servers of the machine that runs Terraform
   */
  readonly nameservers?: string[] | undefined;
  /**
   * Time to wait, in seconds, for each name of the certificate, instead of looking up the TXT record.
   * @default - the record is looked up until it is visible
   */
  readonly propagationWaitSeconds?: number | undefined;
}

/** DNS zone in which the challenge's TXT record is created. */
export interface AzureDnsChallengeProps extends AcmeChallengeOptions {
  /** Public zone that contains the names of the certificate. */
  readonly zone: IDnsZone;
}

const CHALLENGE_OPTIONS: KnownKeys<AcmeChallengeOptions> = {
  nameservers: true,
  propagationWaitSeconds: true,
};

const AZURE_DNS_CHALLENGE_PROPS: KnownKeys<AzureDnsChallengeProps> = { zone: true, ...CHALLENGE_OPTIONS };

/** DNS provider other than Azure DNS. */
export interface DnsProviderChallengeProps extends AcmeChallengeOptions {
  /**
   * Code of the DNS provider, such as `cloudflare` or `route53`.
   * @see https://go-acme.github.io/lego/dns/
   */
  readonly providerCode: string;
}

const DNS_PROVIDER_CHALLENGE_PROPS: KnownKeys<DnsProviderChallengeProps> = {
  providerCode: true,
  ...CHALLENGE_OPTIONS,
};

/** A challenge as passed to a certificate. */
export interface AcmeChallengeConfiguration {
  /** Code of the DNS provider in lego, the library of the `acme` provider. */
  readonly providerCode: string;
  /**
   * Settings of the DNS provider by the names of their environment variables. The JSON contains them, so none is a secret.
   * @default - all settings come from the environment of Terraform
   */
  readonly settings?: Record<string, string> | undefined;
  /** @default - the DNS servers of the machine that runs Terraform */
  readonly nameservers?: string[] | undefined;
  /** In seconds. @default - the record is looked up until it is visible */
  readonly propagationWaitSeconds?: number | undefined;
  /** Resources that must exist before the record is created. @default - none */
  readonly dependables?: ITerraformDependable[] | undefined;
}

/**
 * Proof that the names of a certificate are yours: a TXT record that the authority looks up (`dns-01`). The record exists only while
 * the certificate is ordered.
 *
 * Credentials of the DNS provider come from the environment in which Terraform runs, never from the stack.
 * @see https://letsencrypt.org/docs/challenge-types/#dns-01-challenge
 */
export abstract class AcmeChallenge {
  /**
   * A record in an Azure DNS zone. The identity that runs Terraform needs the role "DNS Zone Contributor" on the zone. Credentials are
   * found like those of Azure's SDKs: environment variables, workload identity, managed identity or the Azure CLI; `AZURE_AUTH_METHOD`
   * selects one.
   * @see https://go-acme.github.io/lego/dns/azuredns/
   */
  static azureDns(props: AzureDnsChallengeProps): AcmeChallenge {
    return new AzureDnsChallenge(props);
  }

  /** A record at another DNS provider, whose settings and credentials all come from the environment of Terraform. */
  static dnsProvider(props: DnsProviderChallengeProps): AcmeChallenge {
    return new DnsProviderChallenge(props);
  }

  /**
   * Resolves the challenge for a certificate.
   * @param names names of the certificate
   */
  abstract bind(scope: Construct, names: string[]): AcmeChallengeConfiguration;
}

class AzureDnsChallenge extends AcmeChallenge {
  constructor(private readonly props: AzureDnsChallengeProps) {
    super();
  }

  bind(scope: Construct, names: string[]): AcmeChallengeConfiguration {
    requireKnownProps(scope, this.props, AZURE_DNS_CHALLENGE_PROPS);
    const { zone, ...options } = this.props;
    requireOptions(scope, options);
    if (zone.visibility === ZoneVisibility.PRIVATE) {
      throw new ConstructError(
        scope,
        `the zone ${zone.zoneName} of the challenge is private, and certificate authorities cannot resolve it; use the public zone ` +
          'of the same name, or SslSettings.fromKeyVaultCertificate with a certificate of a private authority',
      );
    }
    for (const name of names) {
      requireInZone(scope, name, zone.zoneName);
    }
    return {
      ...options,
      providerCode: 'azuredns',
      settings: {
        AZURE_ZONE_NAME: zone.zoneName,
        // With the prefix AZURE_, the provider would prefer the variables of azurerm in its environment.
        ARM_RESOURCE_GROUP: zone.resourceGroupName,
        ARM_SUBSCRIPTION_ID: clientConfig(scope, zone.provider).subscriptionId,
      },
      // The zone's name is a literal, and creates no implicit dependency.
      dependables: zone.dependable && dependablesFor(scope, [zone.dependable]),
    };
  }
}

class DnsProviderChallenge extends AcmeChallenge {
  constructor(private readonly props: DnsProviderChallengeProps) {
    super();
  }

  bind(scope: Construct): AcmeChallengeConfiguration {
    requireKnownProps(scope, this.props, DNS_PROVIDER_CHALLENGE_PROPS);
    const { providerCode } = this.props;
    requireOptions(scope, this.props);
    requirePattern(
      scope,
      'providerCode',
      providerCode,
      /^[a-z0-9-]+$/,
      "the code of one of lego's DNS providers (https://go-acme.github.io/lego/dns/), such as cloudflare",
    );
    return { ...this.props };
  }
}

function requireOptions(
  scope: Construct,
  { nameservers = [], propagationWaitSeconds }: AcmeChallengeOptions,
): void {
  nameservers.forEach((nameserver, index) => {
    requirePattern(
      scope,
      `nameservers[${index}]`,
      nameserver,
      /^(\[[\da-fA-F:]+\]|[^\s:]+):\d{1,5}$/,
      'a DNS server and its port, such as 1.1.1.1:53',
    );
  });
  requireNumber(scope, 'propagationWaitSeconds', propagationWaitSeconds, wholeNumber(1, 3600));
}

function requireInZone(scope: Construct, name: string, zoneName: string): void {
  if ([name, zoneName].some((each) => Token.isUnresolved(each))) {
    return;
  }
  if (nameInZone(name.replace(/^\*\./, ''), zoneName) === undefined) {
    throw new ConstructError(
      scope,
      `the certificate's name ${name} is not in the zone ${zoneName} of the challenge; use the zone of the name, or one ` +
        'certificate per zone',
    );
  }
}
