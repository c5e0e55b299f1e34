import { TerraformVariable, type TerraformStack } from 'cdktf';

import {
  AddressType,
  DnsRecords,
  DnsZone,
  Exposure,
  Sample,
  SmokeTest,
  SslSettings,
  ZoneVisibility,
  type IWebservice,
} from '../../../constructs';
import { azureStack } from '../support/azure-stack';
import { declareKubernetesService } from '../support/kubernetes';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

let project: TestProject;
let stack: TerraformStack;

beforeEach(() => {
  project = new TestProject();
  stack = azureStack(project);
});

afterEach(() => {
  project.leave();
});

/** A service behind a load balancer whose address is of this type, with the certificate of a name in the zone. */
function serviceWith(addressType: AddressType): IWebservice {
  const secret = (name: string) => new TerraformVariable(stack, name, { type: 'string', sensitive: true });
  return declareKubernetesService(project, stack, {
    compute: { exposure: Exposure.loadBalancer({ addressType }) },
    service: {
      ssl: SslSettings.fromVariables({
        certificate: secret('certificate'),
        privateKey: secret('private-key'),
        hostname: 'scoring.example.com',
      }),
    },
  });
}

function zone(visibility = ZoneVisibility.PUBLIC): DnsZone {
  return new DnsZone(stack, 'Zone', { zoneName: 'example.com', resourceGroupName: 'dns', visibility });
}

describe('the DNS record of a load balancer', () => {
  const records: [AddressType, ZoneVisibility, string, string][] = [
    [AddressType.IPV4, ZoneVisibility.PUBLIC, 'azurerm_dns_a_record', 'ip'],
    [AddressType.IPV4, ZoneVisibility.PRIVATE, 'azurerm_private_dns_a_record', 'ip'],
    [AddressType.IPV6, ZoneVisibility.PUBLIC, 'azurerm_dns_aaaa_record', 'ip'],
    [AddressType.IPV6, ZoneVisibility.PRIVATE, 'azurerm_private_dns_aaaa_record', 'ip'],
    [AddressType.HOSTNAME, ZoneVisibility.PUBLIC, 'azurerm_dns_cname_record', 'hostname'],
    [AddressType.HOSTNAME, ZoneVisibility.PRIVATE, 'azurerm_private_dns_cname_record', 'hostname'],
  ];
  it.each(records)(
    'with an address of the type %s in a %s zone is %s',
    (type, visibility, resource, attribute) => {
      const records = new DnsRecords(stack, 'Dns', { zone: zone(visibility), service: serviceWith(type) });
      const json = new TerraformJson(stack);
      const address = `\${${json.address('kubernetes_service_v1')}.status[0].load_balancer[0].ingress[0].${attribute}}`;

      expect(json.only(resource)).toMatchObject({
        name: 'scoring',
        zone_name: 'example.com',
        ttl: 300,
        ...(type === AddressType.HOSTNAME ? { record: address } : { records: [address] }),
      });
      expect([...json.resources.keys()].filter((each) => /_dns_\w+_record\./.test(each))).toHaveLength(1);
      expect(records.addressRecord.terraformResourceType).toBe(resource);
    },
  );

  it('cannot be a CNAME record at the apex of a zone', () => {
    const service = declareKubernetesService(project, stack, {
      compute: { exposure: Exposure.loadBalancer({ addressType: AddressType.HOSTNAME }) },
    });
    expect(refusal(() => new DnsRecords(stack, 'Dns', { zone: zone(), service, recordName: '@' }))).toBe(
      'stack/Dns: recordName is "@", but the service has a host name as its address, and DNS does not allow a CNAME record at ' +
        'the apex of a zone; set recordName to a name in the zone, such as "scoring"',
    );
  });

  it('is not made of an address of another type', () => {
    const service = declareKubernetesService(project, stack, {
      compute: { exposure: Exposure.nodePort({ address: '2001:db8::7' }) },
    });
    expect(
      refusal(() => new DnsRecords(stack, 'Dns', { zone: zone(), service, recordName: 'scoring' })),
    ).toBe(
      'stack/Dns: the service\'s address is "2001:db8::7"; expected an IPv4 address, such as 203.0.113.7',
    );
  });
});

describe('the smoke test of a load balancer', () => {
  function target(type: AddressType, visibility?: ZoneVisibility): Readonly<Record<string, unknown>> {
    const service = serviceWith(type);
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    if (visibility !== undefined) {
      new DnsRecords(stack, 'Dns', { zone: zone(visibility), service });
    }
    const json = new TerraformJson(stack);
    const specification = json.steps('SmokeTest/Run').at(-1)?.specification as {
      test: { target: Record<string, unknown> };
    };
    const balancer = `${json.address('kubernetes_service_v1')}.status[0].load_balancer[0].ingress[0]`;
    const { host, serverName, connectTo, expectedAddress } = specification.test.target;
    return JSON.parse(
      JSON.stringify({ host, serverName, connectTo, expectedAddress }).replaceAll(balancer, 'balancer'),
    ) as Record<string, unknown>;
  }

  it('looks up its name and expects its IP address, if it is in a public zone', () => {
    expect(target(AddressType.IPV4, ZoneVisibility.PUBLIC)).toEqual({
      host: 'scoring.example.com',
      expectedAddress: '${balancer.ip}',
    });
  });

  it.each([undefined, ZoneVisibility.PRIVATE])(
    'connects to its IP address, if public resolvers do not know its name: %s',
    (visibility) => {
      expect(target(AddressType.IPV4, visibility)).toEqual({
        host: 'scoring.example.com',
        connectTo: '${balancer.ip}',
      });
    },
  );

  it('looks up its name, which leads to another name, if a public zone has a CNAME record', () => {
    expect(target(AddressType.HOSTNAME, ZoneVisibility.PUBLIC)).toEqual({ host: 'scoring.example.com' });
  });

  it.each([undefined, ZoneVisibility.PRIVATE])(
    "calls its own name and checks the certificate against the service's, if there is no public record: %s",
    (visibility) => {
      expect(target(AddressType.HOSTNAME, visibility)).toEqual({
        host: '${balancer.hostname}',
        serverName: 'scoring.example.com',
      });
    },
  );
});
