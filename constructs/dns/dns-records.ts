import { isIP } from 'node:net';

import { DnsARecord } from '@cdktf/provider-azurerm/lib/dns-a-record';
import { DnsCaaRecord } from '@cdktf/provider-azurerm/lib/dns-caa-record';
import { PrivateDnsARecord } from '@cdktf/provider-azurerm/lib/private-dns-a-record';
import { Token } from 'cdktf';
import { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { dnsNameCovers, parseHostname } from '../../lib/tls';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { dependablesFor } from '../terraform/dependables';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { requireNumber } from '../validation/synth-value';
import type { IWebservice } from '../webservice/webservice';
import { type IDnsZone, ZoneVisibility } from './dns-zone-reference';

/** What the records of a web service's name say. */
export interface DnsRecordsOptions {
  /**
   * Relative to the zone: `scoring`, `scoring.europe`, or `@` for the zone's own name. It must be the name that the
   * certificate is checked against.
   * @default - what is left of the certificate's host name without the zone's
   */
  readonly recordName?: string | undefined;
  /**
   * Seconds for which resolvers keep an answer.
   * @default 300
   */
  readonly ttlSeconds?: number | undefined;
  /**
   * The authorities that may issue certificates for the name, such as `letsencrypt.org`: a CAA record. It is held
   * against by authorities, when they issue; a private zone has none.
   * @default - no CAA record: all of them may
   */
  readonly certificateAuthorities?: string[] | undefined;
  /** @default - none but those of Aspects */
  readonly tags?: Record<string, string> | undefined;
}

/** The name of a web service, and the zone that it is added to. */
export interface DnsRecordsProps extends DnsRecordsOptions {
  /** Where the records go: also another resource group's, another stack's, another subscription's. */
  readonly zone: IDnsZone;
  /** What the records lead to. */
  readonly service: IWebservice;
}

const DNS_RECORDS_PROPS: KnownKeys<DnsRecordsProps> = {
  recordName: true,
  ttlSeconds: true,
  certificateAuthorities: true,
  tags: true,
  zone: true,
  service: true,
};

/**
 * The name that clients call a web service by: an A record, and a CAA record where it is asked for. A smoke test of the
 * service in the same stack runs after them.
 */
export class DnsRecords extends Construct {
  /** Relative to the zone; `@` is the zone's own name. */
  readonly recordName: string;
  /** Set where the zone is public. */
  readonly aRecord?: DnsARecord | undefined;
  /** Set where the zone is private. */
  readonly privateARecord?: PrivateDnsARecord | undefined;
  /** Set where authorities are given. */
  readonly caaRecord?: DnsCaaRecord | undefined;
  private readonly zone: IDnsZone;

  constructor(scope: Construct, id: string, props: DnsRecordsProps) {
    super(scope, id);
    requireKnownProps(this, props, DNS_RECORDS_PROPS);
    requireProvidersInStack(this);
    const { zone, service, ttlSeconds = 300, certificateAuthorities = [], tags } = props;
    const { address, hostname } = service.endpoint;
    this.zone = zone;
    this.recordName = props.recordName ?? this.nameOf(hostname);
    this.requireRecordName(this.recordName);
    this.requireAgreement(hostname);
    requireNumber(this, 'ttlSeconds', ttlSeconds, wholeNumber(1, 2_147_483_647));
    if (!Token.isUnresolved(address) && isIP(address) !== 4) {
      throw new ConstructError(
        this,
        `the service's address is "${address}"; an A record holds an IPv4 address, such as 203.0.113.7`,
      );
    }
    const common = {
      name: this.recordName,
      zoneName: zone.zoneName,
      resourceGroupName: zone.resourceGroupName,
      ttl: ttlSeconds,
      ...(tags && { tags }),
      ...(zone.provider && { provider: zone.provider }),
      // The zone's name is plain text here, so that names can be compared at synth: it makes no order by itself.
      ...(zone.dependable && { dependsOn: dependablesFor(this, [zone.dependable]) }),
    };
    if (zone.visibility === ZoneVisibility.PRIVATE) {
      this.privateARecord = new PrivateDnsARecord(this, 'A', { ...common, records: [address] });
      service.addClientPrerequisite(this.privateARecord);
    } else {
      this.aRecord = new DnsARecord(this, 'A', { ...common, records: [address] });
      service.addClientPrerequisite(this.aRecord);
    }
    if (certificateAuthorities.length > 0) {
      this.requireAuthorities(certificateAuthorities);
      this.caaRecord = new DnsCaaRecord(this, 'Caa', {
        ...common,
        record: certificateAuthorities.map((value) => ({ flags: 0, tag: 'issue', value })),
      });
      service.addClientPrerequisite(this.caaRecord);
    }
  }

  /** The name that clients call, without a dot at the end. */
  get hostname(): string {
    const { zoneName } = this.zone;
    return this.recordName === '@' ? zoneName : `${this.recordName}.${zoneName}`;
  }

  private nameOf(hostname: string | undefined): string {
    const { zoneName } = this.zone;
    if (hostname === undefined || Token.isUnresolved(hostname) || Token.isUnresolved(zoneName)) {
      throw new ConstructError(
        this,
        `recordName is missing, and ${hostname === undefined ? 'the service has no certificate whose host name it could be' : 'the host name or the zone is known only at apply'}; ` +
          'set recordName, for example "scoring", or "@" for the zone itself',
      );
    }
    const [host, zone] = [plain(hostname), plain(zoneName)];
    if (host === zone) {
      return '@';
    }
    if (!host.endsWith(`.${zone}`)) {
      throw new ConstructError(
        this,
        `the certificate's host name ${hostname} is not in the zone ${zoneName}; ` +
          'give the zone that it is in, or a certificate for a name of this one',
      );
    }
    return host.slice(0, -zone.length - 1);
  }

  private requireRecordName(name: string): void {
    if (Token.isUnresolved(name)) {
      return;
    }
    const label = '[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
    if (name !== '@' && !new RegExp(`^(\\*|${label})(\\.${label})*$`).test(name)) {
      throw new ConstructError(
        this,
        `recordName is "${name}"; expected "@" or labels of letters, digits, "-" and "_" between dots, relative to ` +
          'the zone, such as scoring or scoring.europe',
      );
    }
  }

  private requireAgreement(hostname: string | undefined): void {
    const { zoneName } = this.zone;
    if (
      hostname === undefined ||
      [hostname, zoneName, this.recordName].some((name) => Token.isUnresolved(name))
    ) {
      return;
    }
    if (!dnsNameCovers(plain(this.hostname), plain(hostname))) {
      throw new ConstructError(
        this,
        `the record is ${this.hostname}, but clients check the certificate against ${hostname} and would refuse it; ` +
          'leave recordName out, or give a certificate for the name of the record',
      );
    }
  }

  private requireAuthorities(authorities: readonly string[]): void {
    if (this.zone.visibility === ZoneVisibility.PRIVATE) {
      throw new ConstructError(
        this,
        'certificateAuthorities are given but the zone is private, which no authority can see; remove them',
      );
    }
    const wrong = authorities.find(
      (authority) => !Token.isUnresolved(authority) && !/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(authority),
    );
    if (wrong !== undefined) {
      throw new ConstructError(
        this,
        `certificateAuthorities has "${wrong}"; expected an authority's domain, such as letsencrypt.org`,
      );
    }
  }
}

/** As names are compared. */
function plain(name: string): string {
  return parseHostname(name)?.value ?? name.toLowerCase().replace(/\.$/, '');
}
