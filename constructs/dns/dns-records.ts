import { isIP } from 'node:net';

import { Token, type TerraformResource } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { dnsNameCovers } from '../../lib/tls';
import type { KnownKeys } from '../../lib/validation/known-keys';
import {
  DnsARecord,
  DnsAaaaRecord,
  DnsCaaRecord,
  DnsCnameRecord,
  DnsTxtRecord,
  PrivateDnsARecord,
  PrivateDnsAaaaRecord,
  PrivateDnsCnameRecord,
} from '../bindings/azurerm';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { dependablesFor } from '../terraform/dependables';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { requireNumber } from '../validation/synth-value';
import { AddressType, type IWebservice } from '../webservice/webservice';
import { nameInZone, plainName } from './dns-name';
import { type IDnsZone, ZoneVisibility } from './dns-zone-reference';

/** Name, TTL and certificate authorities of the DNS records. */
export interface DnsRecordsOptions {
  /**
   * Name relative to the zone: `scoring`, `scoring.europe`, or `@` for the zone apex. The certificate must cover it.
   * @default - the certificate's host name relative to the zone
   */
  readonly recordName?: string | undefined;
  /**
   * Time to live in seconds.
   * @default 300
   */
  readonly ttlSeconds?: number | undefined;
  /**
   * Certificate authorities that may issue certificates for the name, such as `letsencrypt.org`. Adds a CAA record, which
   * certificate authorities check before issuing. Not supported for private zones.
   * @default - no CAA record; any authority may issue certificates
   */
  readonly certificateAuthorities?: string[] | undefined;
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
}

/** Web service, DNS zone and settings of the records. */
export interface DnsRecordsProps extends DnsRecordsOptions {
  /** DNS zone. It may be in another resource group, stack or subscription. */
  readonly zone: IDnsZone;
  /** Web service that the records point to. */
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

const DNS_RECORDS_SYMBOL = Symbol.for('cdktf-brainwave.DnsRecords');

/**
 * DNS records of a web service: an A, AAAA or CNAME record, as its address requires, a TXT record if the platform verifies that the
 * name is yours, and, optionally, a CAA record. A smoke
 * test of the service in the same stack runs after they are created.
 */
export class DnsRecords extends Construct {
  /** Relative to the zone; `@` is the zone apex. */
  readonly recordName: string;
  /** The A, AAAA or CNAME record. */
  readonly addressRecord: TerraformResource;
  /** TXT record `asuid.<record name>`. @default - the platform of the service does not verify that the name is yours */
  readonly verificationRecord?: DnsTxtRecord | undefined;
  /** Set if `certificateAuthorities` are set. */
  readonly caaRecord?: DnsCaaRecord | undefined;
  private readonly zone: IDnsZone;

  /** Returns whether a construct is a `DnsRecords`, also if another copy of this package declared it. */
  static isDnsRecords(construct: IConstruct): construct is DnsRecords {
    return DNS_RECORDS_SYMBOL in construct;
  }

  constructor(scope: Construct, id: string, props: DnsRecordsProps) {
    super(scope, id);
    Object.defineProperty(this, DNS_RECORDS_SYMBOL, { value: true });
    requireKnownProps(this, props, DNS_RECORDS_PROPS);
    requireProvidersInStack(this);
    const { zone, service, ttlSeconds = 300, certificateAuthorities = [], tags } = props;
    const { address, addressType = AddressType.IPV4, hostname, domainVerificationId } = service.endpoint;
    this.zone = zone;
    this.recordName = props.recordName ?? this.nameOf(hostname);
    this.requireRecordName(this.recordName);
    this.requireAgreement(hostname);
    requireNumber(this, 'ttlSeconds', ttlSeconds, wholeNumber(1, 2_147_483_647));
    this.requireAddress(address, addressType);
    const common = {
      name: this.recordName,
      zoneName: zone.zoneName,
      resourceGroupName: zone.resourceGroupName,
      ttl: ttlSeconds,
      tags,
      provider: zone.provider,
      // The zone's name is a literal, so that names can be compared at synth, and creates no implicit dependency.
      dependsOn: zone.dependable && dependablesFor(this, [zone.dependable]),
    };
    const isPrivate = zone.visibility === ZoneVisibility.PRIVATE;
    if (isPrivate) {
      this.requireLowerCase(this.recordName);
    }
    const records = { ...common, records: [address] };
    const record = { ...common, record: address };
    switch (addressType) {
      case AddressType.IPV4:
        this.addressRecord = isPrivate
          ? new PrivateDnsARecord(this, 'A', records)
          : new DnsARecord(this, 'A', records);
        break;
      case AddressType.IPV6:
        this.addressRecord = isPrivate
          ? new PrivateDnsAaaaRecord(this, 'Aaaa', records)
          : new DnsAaaaRecord(this, 'Aaaa', records);
        break;
      case AddressType.HOSTNAME:
        this.addressRecord = isPrivate
          ? new PrivateDnsCnameRecord(this, 'Cname', record)
          : new DnsCnameRecord(this, 'Cname', record);
        break;
    }
    this.node.defaultChild = this.addressRecord;
    service.addClientPrerequisite(this.addressRecord);
    // Azure looks it up in public DNS, where a name in a private zone has its record, too.
    if (domainVerificationId !== undefined && !isPrivate) {
      this.verificationRecord = new DnsTxtRecord(this, 'Verification', {
        ...common,
        name: `asuid.${this.recordName}`,
        record: [{ value: domainVerificationId }],
      });
      service.addClientPrerequisite(this.verificationRecord);
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

  /** Host name for clients, without a trailing dot. */
  get hostname(): string {
    const { zoneName } = this.zone;
    return this.recordName === '@' ? zoneName : `${this.recordName}.${zoneName}`;
  }

  private nameOf(hostname: string | undefined): string {
    const { zoneName } = this.zone;
    if (hostname === undefined || Token.isUnresolved(hostname) || Token.isUnresolved(zoneName)) {
      throw new ConstructError(
        this,
        `recordName is missing, and ${hostname === undefined ? 'the service has no certificate to derive it from' : 'the host name or the zone is known only at apply'}; ` +
          'set recordName, for example "scoring", or "@" for the zone itself',
      );
    }
    const name = nameInZone(hostname, zoneName);
    if (name === undefined) {
      throw new ConstructError(
        this,
        `the certificate's host name ${hostname} is not in the zone ${zoneName}; ` +
          'use the zone of the host name, or a certificate for a name in this zone',
      );
    }
    return name;
  }

  private requireAddress(address: string, type: AddressType): void {
    if (type === AddressType.HOSTNAME) {
      if (this.recordName === '@') {
        throw new ConstructError(
          this,
          'recordName is "@", but the service has a host name as its address, and DNS does not allow a CNAME record at the ' +
            'apex of a zone; set recordName to a name in the zone, such as "scoring"',
        );
      }
      return;
    }
    const version = type === AddressType.IPV6 ? 6 : 4;
    if (!Token.isUnresolved(address) && isIP(address) !== version) {
      throw new ConstructError(
        this,
        `the service's address is "${address}"; expected an IPv${version} address, such as ` +
          (version === 6 ? '2001:db8::7' : '203.0.113.7'),
      );
    }
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

  /** azurerm requires it for records in private zones, and for no others. */
  private requireLowerCase(name: string): void {
    const lower = name.toLowerCase();
    if (!Token.isUnresolved(name) && name !== lower) {
      throw new ConstructError(
        this,
        `recordName is "${name}"; expected lowercase letters, because the zone is private; use "${lower}"`,
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
    if (!dnsNameCovers(plainName(this.hostname), plainName(hostname))) {
      throw new ConstructError(
        this,
        `the record is ${this.hostname}, but the certificate is for ${hostname}, so clients would reject it; ` +
          'omit recordName, or use a certificate for the name of the record',
      );
    }
  }

  private requireAuthorities(authorities: readonly string[]): void {
    if (this.zone.visibility === ZoneVisibility.PRIVATE) {
      throw new ConstructError(
        this,
        'certificateAuthorities is set, but certificate authorities cannot resolve a private zone; remove it',
      );
    }
    const wrong = authorities.find(
      (authority) => !Token.isUnresolved(authority) && !/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(authority),
    );
    if (wrong !== undefined) {
      throw new ConstructError(
        this,
        `certificateAuthorities contains "${wrong}"; expected the domain of an authority, such as letsencrypt.org`,
      );
    }
  }
}
