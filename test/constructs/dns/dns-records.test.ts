import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { VirtualNetwork } from '@cdktf/provider-azurerm/lib/virtual-network';
import { TerraformVariable, type TerraformStack } from 'cdktf';

import {
  BrainwaveWebservice,
  DnsRecords,
  DnsZone,
  Sample,
  SmokeTest,
  ZoneVisibility,
  type DnsRecordsProps,
  type DnsZoneProps,
  type IWebservice,
} from '../../../constructs';
import { azureStack, tagAll } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const NETWORKS = '/subscriptions/0/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks';

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => {
  project.leave();
});

describe('a DNS zone', () => {
  function zone(props: Partial<DnsZoneProps> = {}, stack = azureStack(project)): TerraformJson {
    new DnsZone(stack, 'Zone', { zoneName: 'example.com', resourceGroupName: 'dns', ...props });
    return new TerraformJson(stack);
  }

  it('is public by default', () => {
    expect(zone().only('azurerm_dns_zone')).toMatchObject({
      name: 'example.com',
      resource_group_name: 'dns',
    });
  });

  it('applies every property', () => {
    const stack = azureStack(project);
    const provider = new AzurermProvider(stack, 'dns', { features: [{}], alias: 'dns' });
    const json = zone(
      {
        zoneName: 'internal.example.com',
        visibility: ZoneVisibility.PRIVATE,
        virtualNetworkIds: [`${NETWORKS}/europe`, `${NETWORKS}/america`],
        provider,
        tags: { team: 'pets' },
      },
      stack,
    );
    expect(json.only('azurerm_private_dns_zone')).toMatchObject({
      name: 'internal.example.com',
      provider: 'azurerm.dns',
      tags: { team: 'pets' },
    });
    const links = json.all('azurerm_private_dns_zone_virtual_network_link');
    const linked = links.map(({ virtual_network_id: network }) => network);
    expect(new Set(linked)).toEqual(new Set([`${NETWORKS}/europe`, `${NETWORKS}/america`]));
    expect(new Set(links.map(({ name }) => name)).size).toBe(2);
    expect(links[0].private_dns_zone_name).toBe(`\${${json.address('azurerm_private_dns_zone')}.name}`);
  });

  it('returns the name servers for its parent zone if it is public', () => {
    const stack = azureStack(project);
    const own = new DnsZone(stack, 'Zone', { zoneName: 'example.com', resourceGroupName: 'dns' });
    expect(own.nameServers).toHaveLength(1);
    const internal = new DnsZone(stack, 'Internal', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
      visibility: ZoneVisibility.PRIVATE,
    });
    expect(refusal(() => internal.nameServers)).toBe(
      'stack/Internal: a private zone has no name servers; link the virtual networks that resolve it with virtualNetworkIds',
    );
  });

  it.each([
    '',
    'com',
    'https://example.com',
    'example.com.',
    'exa mple.com',
    '-a.com',
    `${'a'.repeat(64)}.com`,
  ])('rejects the name "%s"', (zoneName) => {
    expect(refusal(() => zone({ zoneName }))).toBe(
      `stack/Zone: zoneName is "${zoneName}"; expected a domain of at least two labels, such as example.com, without a ` +
        'scheme or a trailing dot',
    );
  });

  it('keeps the link to a network when another network leaves the list', () => {
    const linksOf = (...networks: string[]) => {
      const { resources } = zone({
        visibility: ZoneVisibility.PRIVATE,
        virtualNetworkIds: networks.map((name) => `${NETWORKS}/${name}`),
      });
      return [...resources].filter(([address]) => address.includes('virtual_network_link'));
    };
    expect(linksOf('europe', 'america')).toEqual(expect.arrayContaining(linksOf('america')));
  });

  it('can be linked to a network of the same stack', () => {
    const stack = azureStack(project);
    const network = new VirtualNetwork(stack, 'Network', {
      name: 'hub',
      resourceGroupName: 'hub',
      location: 'westeurope',
      addressSpace: ['10.0.0.0/16'],
    });
    const json = zone({ visibility: ZoneVisibility.PRIVATE, virtualNetworkIds: [network.id] }, stack);
    expect(json.only('azurerm_private_dns_zone_virtual_network_link').virtual_network_id).toBe(
      `\${${json.address('azurerm_virtual_network')}.id}`,
    );
  });

  it.each(['hub', `${NETWORKS.toLowerCase()}/hub`, `${NETWORKS}/hub/subnets/default`])(
    'is not linked to "%s"',
    (id) => {
      expect(refusal(() => zone({ visibility: ZoneVisibility.PRIVATE, virtualNetworkIds: [id] }))).toBe(
        `stack/Zone: virtualNetworkIds[0] is "${id}"; expected a virtual network's ARM id, such as ` +
          '/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/hub',
      );
    },
  );

  it('is not linked to a network twice', () => {
    const id = `${NETWORKS}/hub`;
    expect(refusal(() => zone({ visibility: ZoneVisibility.PRIVATE, virtualNetworkIds: [id, id] }))).toBe(
      'stack/Zone: virtualNetworkIds[1] is the same network as virtualNetworkIds[0], and Azure links a network once; ' +
        'remove one of them',
    );
  });

  it('is not linked to networks if it is public', () => {
    expect(refusal(() => zone({ virtualNetworkIds: [`${NETWORKS}/hub`] }))).toBe(
      'stack/Zone: virtualNetworkIds is set, but applies only to private zones and this zone is public; ' +
        'remove it, or set visibility: ZoneVisibility.PRIVATE',
    );
  });
});

describe('DNS records', () => {
  interface Service {
    readonly ipAddress?: string;
    readonly hostname?: string;
  }

  function service(stack: TerraformStack, attributes: Service = {}): IWebservice {
    return BrainwaveWebservice.fromWebserviceAttributes(stack, 'Service', {
      ipAddress: '203.0.113.7',
      hostname: 'scoring.example.com',
      ...attributes,
    });
  }

  function synth(
    props: Partial<DnsRecordsProps> = {},
    attributes: Service = {},
    stack = azureStack(project),
  ): TerraformJson {
    const zone = DnsZone.fromDnsZoneAttributes(stack, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
    });
    new DnsRecords(stack, 'Dns', { zone, service: service(stack, attributes), ...props });
    return new TerraformJson(stack);
  }

  it('are an A record of the name that clients check the certificate against, kept for 300 seconds', () => {
    const json = synth();
    expect(json.only('azurerm_dns_a_record')).toMatchObject({
      name: 'scoring',
      zone_name: 'example.com',
      resource_group_name: 'dns',
      ttl: 300,
      records: ['203.0.113.7'],
    });
    expect(json.all('azurerm_dns_caa_record')).toEqual([]);
  });

  it('apply every property', () => {
    const stack = azureStack(project);
    const provider = new AzurermProvider(stack, 'dns', { features: [{}], alias: 'dns' });
    const json = synth(
      {
        zone: DnsZone.fromDnsZoneAttributes(stack, 'Other', {
          zoneName: 'example.com',
          resourceGroupName: 'other',
          provider,
        }),
        recordName: 'scoring',
        ttlSeconds: 60,
        certificateAuthorities: ['letsencrypt.org', 'digicert.com'],
        tags: { team: 'pets' },
      },
      {},
      stack,
    );
    const common = {
      name: 'scoring',
      resource_group_name: 'other',
      ttl: 60,
      tags: { team: 'pets' },
      provider: 'azurerm.dns',
    };
    expect(json.only('azurerm_dns_a_record')).toMatchObject(common);
    expect(json.only('azurerm_dns_caa_record')).toMatchObject({
      ...common,
      record: [
        { flags: 0, tag: 'issue', value: 'letsencrypt.org' },
        { flags: 0, tag: 'issue', value: 'digicert.com' },
      ],
    });
  });

  it.each([
    ['scoring.europe.example.com', 'scoring.europe'],
    ['example.com', '@'],
    ['Scoring.Example.com.', 'scoring'],
  ])('have the name for %s: %s', (hostname, name) => {
    expect(synth({}, { hostname }).only('azurerm_dns_a_record')).toMatchObject({ name });
  });

  it('can be a wildcard for a zone', () => {
    expect(synth({ recordName: '*' }).only('azurerm_dns_a_record')).toMatchObject({ name: '*' });
  });

  it('can be in a private zone, too', () => {
    const stack = azureStack(project);
    const zone = new DnsZone(stack, 'Internal', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
      visibility: ZoneVisibility.PRIVATE,
    });
    const json = synth({ zone }, {}, stack);
    expect(json.only('azurerm_private_dns_a_record')).toMatchObject({
      name: 'scoring',
      zone_name: 'example.com',
      records: ['203.0.113.7'],
      depends_on: [json.address('azurerm_private_dns_zone')],
    });
  });

  it('are created after the zone, with the address as a token', () => {
    const stack = azureStack(project);
    const zone = new DnsZone(stack, 'Own', { zoneName: 'example.com', resourceGroupName: 'dns' });
    const ipAddress = new TerraformVariable(stack, 'address', {}).stringValue;
    const json = synth({ zone }, { ipAddress }, stack);
    expect(json.only('azurerm_dns_a_record')).toMatchObject({
      depends_on: [json.address('azurerm_dns_zone')],
      records: ['${var.address}'],
    });
  });

  it('are waited for by a smoke test, also by one that was declared before them', () => {
    const stack = azureStack(project);
    const zone = DnsZone.fromDnsZoneAttributes(stack, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
    });
    const imported = service(stack);
    new SmokeTest(stack, 'SmokeTest', { service: imported, samples: [Sample.image(project.image())] });
    new DnsRecords(stack, 'Dns', { zone, service: imported, certificateAuthorities: ['letsencrypt.org'] });
    const json = new TerraformJson(stack);
    expect(json.only('terraform_data').depends_on).toEqual([
      json.address('azurerm_dns_a_record'),
      json.address('azurerm_dns_caa_record'),
    ]);
  });

  it("in a later stack do not delay a smoke test in the service's stack, but one in a third stack", () => {
    const app = project.app();
    const stack = (name: string) => {
      const made = project.stack(name, app);
      new AzurermProvider(made, 'azurerm', { features: [{}] });
      return made;
    };
    const [scoring, dns, tests] = ['scoring', 'dns', 'tests'].map(stack);
    const imported = service(scoring, {
      ipAddress: new TerraformVariable(scoring, 'address', {}).stringValue,
    });
    new SmokeTest(scoring, 'SmokeTest', { service: imported, samples: [Sample.image(project.image())] });
    new SmokeTest(tests, 'SmokeTest', { service: imported, samples: [Sample.image(project.image())] });
    const zone = DnsZone.fromDnsZoneAttributes(dns, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
    });
    new DnsRecords(dns, 'Dns', { zone, service: imported });

    expect(new TerraformJson(scoring).only('terraform_data').depends_on).toEqual([]);
    expect(tests.dependencies).toContain(dns);
    expect(scoring.dependencies).not.toContain(dns);
  });

  it('can be tagged', () => {
    const stack = azureStack(project);
    tagAll(stack, { team: 'pets' });
    const json = synth({ certificateAuthorities: ['letsencrypt.org'] }, {}, stack);
    expect(json.only('azurerm_dns_a_record').tags).toEqual({ team: 'pets' });
    expect(json.only('azurerm_dns_caa_record').tags).toEqual({ team: 'pets' });
  });

  it('return the host name that clients call', () => {
    const stack = azureStack(project);
    const zone = DnsZone.fromDnsZoneAttributes(stack, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
    });
    const imported = service(stack, { hostname: undefined });
    const name = (id: string, recordName: string) =>
      new DnsRecords(stack, id, { zone, service: imported, recordName }).hostname;
    expect([name('A', 'a.b'), name('Apex', '@')]).toEqual(['a.b.example.com', 'example.com']);
  });

  describe('are rejected', () => {
    const refused = (props: Partial<DnsRecordsProps>, attributes: Service = {}) =>
      refusal(() => synth(props, attributes)).replace('stack/Dns: ', '');

    it('in a zone that the certificate is not for', () => {
      expect(refused({}, { hostname: 'scoring.example.org' })).toBe(
        "the certificate's host name scoring.example.org is not in the zone example.com; " +
          'use the zone of the host name, or a certificate for a name in this zone',
      );
      expect(refused({}, { hostname: 'notexample.com' })).toContain('is not in the zone');
    });

    it('for another name than the certificate is checked against', () => {
      expect(refused({ recordName: 'score' })).toBe(
        'the record is score.example.com, but the certificate is for scoring.example.com, so clients would reject it; ' +
          'omit recordName, or use a certificate for the name of the record',
      );
    });

    it('without a name, if there is no default', () => {
      expect(refused({}, { hostname: undefined })).toBe(
        'recordName is missing, and the service has no certificate to derive it from; ' +
          'set recordName, for example "scoring", or "@" for the zone itself',
      );
    });

    it.each(['a..b', 'scoring.example.com/', '-a', 'a b'])('with the name "%s"', (recordName) => {
      expect(refused({ recordName }, { hostname: undefined })).toBe(
        `recordName is "${recordName}"; expected "@" or labels of letters, digits, "-" and "_" between dots, relative to the ` +
          'zone, such as scoring or scoring.europe',
      );
    });

    it.each([
      [{ ttlSeconds: 0 }, 'ttlSeconds is 0; expected a whole number from 1 to 2147483647'],
      [
        { certificateAuthorities: ["Let's Encrypt"] },
        `certificateAuthorities contains "Let's Encrypt"; expected the domain of an authority, such as letsencrypt.org`,
      ],
    ])('with %j', (props, message) => {
      expect(refused(props)).toBe(message);
    });

    it('rejects an address that an A record cannot contain', () => {
      expect(refused({}, { ipAddress: '2001:db8::1' })).toBe(
        `the service's address is "2001:db8::1"; expected an IPv4 address, such as 203.0.113.7`,
      );
    });

    it('with capital letters in a private zone', () => {
      const stack = azureStack(project);
      const zone = DnsZone.fromDnsZoneAttributes(stack, 'Internal', {
        zoneName: 'example.com',
        resourceGroupName: 'dns',
        visibility: ZoneVisibility.PRIVATE,
      });
      expect(refusal(() => synth({ zone, recordName: 'Scoring' }, {}, stack))).toBe(
        'stack/Dns: recordName is "Scoring"; expected lowercase letters, because the zone is private; use "scoring"',
      );
      expect(synth({ recordName: 'Scoring' }).only('azurerm_dns_a_record').name).toBe('Scoring');
    });

    it('with authorities that cannot see a private zone', () => {
      const stack = azureStack(project);
      const zone = DnsZone.fromDnsZoneAttributes(stack, 'Internal', {
        zoneName: 'example.com',
        resourceGroupName: 'dns',
        visibility: ZoneVisibility.PRIVATE,
      });
      expect(refusal(() => synth({ zone, certificateAuthorities: ['letsencrypt.org'] }, {}, stack))).toBe(
        'stack/Dns: certificateAuthorities is set, but certificate authorities cannot resolve a private zone; remove it',
      );
    });
  });
});
