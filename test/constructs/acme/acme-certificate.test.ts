import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { TerraformVariable, type TerraformStack } from 'cdktf';

import {
  AcmeAccount,
  AcmeCertificate,
  AcmeChallenge,
  AcmeKeyType,
  AcmeProvider,
  BrainwaveWebservice,
  DnsZone,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  SslSettings,
  ZoneVisibility,
  type AcmeCertificateProps,
  type AcmeSslProps,
} from '../../../constructs';
import { synthStack } from '../../../constructs/testing';
import { createAuthority } from '../../support/certificates';
import { azureStack } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const HOSTNAME = 'scoring.example.com';
const VAULT_ID = '/subscriptions/s/resourceGroups/scoring/providers/Microsoft.KeyVault/vaults/pets';

let project: TestProject;
let stack: TerraformStack;

beforeEach(() => {
  project = new TestProject();
  stack = azureStack(project);
  new AcmeProvider(stack, 'acme', { serverUrl: AcmeProvider.LETS_ENCRYPT_STAGING });
});

afterEach(() => {
  project.leave();
});

const cloudflare = () => AcmeChallenge.dnsProvider({ providerCode: 'cloudflare' });

function certificate(props: Partial<AcmeCertificateProps> = {}): AcmeCertificate {
  return new AcmeCertificate(stack, 'Certificate', { hostname: HOSTNAME, challenge: cloudflare(), ...props });
}

function azureDns(visibility = ZoneVisibility.PUBLIC, zoneName = 'example.com'): AcmeChallenge {
  const zone = DnsZone.fromDnsZoneAttributes(stack, 'Zone', {
    zoneName,
    resourceGroupName: 'dns',
    visibility,
  });
  return AcmeChallenge.azureDns({ zone });
}

const secret = (name: string) => new TerraformVariable(stack, name, { type: 'string', sensitive: true });

describe('a certificate from an ACME authority', () => {
  it('is ordered with an account of the stack, and renewed by a fraction of its lifetime', () => {
    certificate();
    const json = new TerraformJson(stack);
    expect(json.providers('acme')).toEqual([{ server_url: AcmeProvider.LETS_ENCRYPT_STAGING }]);
    expect(json.only('acme_registration')).not.toHaveProperty('account_key_pem');
    expect(json.only('acme_certificate')).toMatchObject({
      account_key_pem: `\${${json.address('acme_registration')}.account_key_pem}`,
      common_name: HOSTNAME,
      key_type: '2048',
      min_days_dynamic: true,
      dns_challenge: [{ provider: 'cloudflare' }],
      // Replacing a certificate revokes it.
      lifecycle: { create_before_destroy: true },
    });
    expect(json.only('acme_certificate')).not.toHaveProperty('min_days_remaining');
  });

  it('applies every option', () => {
    certificate({
      alternativeNames: ['*.scoring.example.com', 'pets.example.com'],
      challenge: AcmeChallenge.dnsProvider({
        providerCode: 'route53',
        nameservers: ['1.1.1.1:53', '[2606:4700:4700::1111]:53'],
        propagationWaitSeconds: 30,
      }),
      keyType: AcmeKeyType.EC_P256,
      renewBeforeDays: 20,
      profile: 'tlsserver',
    });
    const resource = new TerraformJson(stack).only('acme_certificate');
    expect(resource).toMatchObject({
      subject_alternative_names: ['*.scoring.example.com', 'pets.example.com'],
      key_type: 'P256',
      min_days_remaining: 20,
      profile: 'tlsserver',
      dns_challenge: [{ provider: 'route53' }],
      recursive_nameservers: ['1.1.1.1:53', '[2606:4700:4700::1111]:53'],
      propagation_wait: 30,
    });
    // The provider rejects both.
    expect(resource).not.toHaveProperty('min_days_dynamic');
  });

  it('proves the name in an Azure DNS zone, without credentials', () => {
    certificate({ challenge: azureDns() });
    const json = new TerraformJson(stack);
    expect(json.only('acme_certificate').dns_challenge).toEqual([
      {
        provider: 'azuredns',
        config: {
          AZURE_ZONE_NAME: 'example.com',
          ARM_RESOURCE_GROUP: 'dns',
          ARM_SUBSCRIPTION_ID: expect.stringMatching(
            /^\$\{data\.azurerm_client_config\.\w+\.subscription_id\}$/,
          ) as string,
        },
      },
    ]);
  });

  it('waits for a zone of its stack', () => {
    const zone = new DnsZone(stack, 'Zone', { zoneName: 'example.com', resourceGroupName: 'dns' });
    certificate({ challenge: AcmeChallenge.azureDns({ zone }) });
    const json = new TerraformJson(stack);
    expect(json.only('acme_certificate').depends_on).toEqual([json.address('azurerm_dns_zone')]);
  });

  it('takes the subscription of a zone from the provider of the zone', () => {
    const provider = new AzurermProvider(stack, 'hub', { features: [{}], alias: 'hub' });
    const zone = DnsZone.fromDnsZoneAttributes(stack, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
      provider,
    });
    certificate({ challenge: AcmeChallenge.azureDns({ zone }) });
    expect(new TerraformJson(stack).data('azurerm_client_config')).toMatchObject({ provider: 'azurerm.hub' });
  });

  it('is imported into a key vault, from which services read it', () => {
    const { keyVaultCertificate } = certificate({ keyVaultId: VAULT_ID });
    const json = new TerraformJson(stack);
    expect(keyVaultCertificate).toBeDefined();
    expect(json.only('azurerm_key_vault_certificate')).toMatchObject({
      key_vault_id: VAULT_ID,
      name: 'scoring-example-com',
      certificate: { contents: `\${${json.address('acme_certificate')}.certificate_p12}`, password: '' },
    });
  });

  it('is named in the vault after a host name that only Terraform knows', () => {
    const hostname = new TerraformVariable(stack, 'hostname', { type: 'string' }).stringValue;
    certificate({ hostname, keyVaultId: VAULT_ID });
    expect(new TerraformJson(stack).only('azurerm_key_vault_certificate')).toMatchObject({
      name: '${replace(var.hostname, ".", "-")}',
    });
  });

  it('shares its account with the other certificates of the stack, but not with another authority', () => {
    certificate();
    new AcmeCertificate(stack, 'Second', { hostname: 'pets.example.com', challenge: cloudflare() });
    const provider = new AcmeProvider(stack, 'internal', {
      serverUrl: 'https://acme.internal.example.com/directory',
      alias: 'internal',
    });
    const account = new AcmeAccount(stack, 'Internal', { provider });
    new AcmeCertificate(stack, 'Third', { hostname: 'cats.example.com', challenge: cloudflare(), account });
    const json = new TerraformJson(stack);
    expect(json.all('acme_registration')).toHaveLength(2);
    expect(json.all('acme_certificate').map((each) => each.provider)).toEqual([
      undefined,
      undefined,
      'acme.internal',
    ]);
  });

  it.each<[Partial<AcmeCertificateProps>, string]>([
    [
      { hostname: '203.0.113.7' },
      'hostname is "203.0.113.7"; expected a DNS name in a zone of yours, such as scoring.example.com, without a scheme or port, ' +
        'and not a wildcard, which alternativeNames may contain',
    ],
    [
      { hostname: '*.example.com' },
      'hostname is "*.example.com"; expected a DNS name in a zone of yours, such as scoring.example.com, without a scheme or port, ' +
        'and not a wildcard, which alternativeNames may contain',
    ],
    [
      { alternativeNames: ['localhost'] },
      'alternativeNames[0] is "localhost"; expected a DNS name in a zone of yours, such as scoring.example.com, without a scheme or port',
    ],
    [
      { alternativeNames: ['pets.example.com', HOSTNAME] },
      `alternativeNames[1] is "${HOSTNAME}", which the certificate already covers; remove it`,
    ],
    [{ renewBeforeDays: 0 }, 'renewBeforeDays is 0; expected a whole number of at least 1'],
    [{ profile: 'a b' }, `profile is "a b"; expected a name of the authority's profiles`],
    [
      { certificateName: 'scoring' },
      'certificateName is "scoring", but applies only to a certificate in a key vault; set keyVaultId, or remove it',
    ],
    [
      { keyVaultId: VAULT_ID, certificateName: 'a.b' },
      'certificateName is "a.b"; expected 1 to 127 letters, digits and "-"',
    ],
  ])('is rejected with %j', (props, message) => {
    expect(refusal(() => certificate(props))).toBe(`stack/Certificate: ${message}`);
  });

  it('is rejected for a zone that does not contain its names, or that no authority can resolve', () => {
    expect(refusal(() => certificate({ challenge: azureDns(ZoneVisibility.PUBLIC, 'example.org') }))).toBe(
      "stack/Certificate: the certificate's name scoring.example.com is not in the zone example.org of the challenge; " +
        'use the zone of the name, or one certificate per zone',
    );
    const zone = DnsZone.fromDnsZoneAttributes(stack, 'Private', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
      visibility: ZoneVisibility.PRIVATE,
    });
    const challenge = AcmeChallenge.azureDns({ zone });
    expect(refusal(() => new AcmeCertificate(stack, 'Internal', { hostname: HOSTNAME, challenge }))).toBe(
      'stack/Internal: the zone example.com of the challenge is private, and certificate authorities cannot resolve it; use the ' +
        'public zone of the same name, or SslSettings.fromKeyVaultCertificate with a certificate of a private authority',
    );
  });

  it.each([
    [
      { providerCode: 'Azure DNS' },
      'providerCode is "Azure DNS"; expected the code of one of lego\'s DNS providers (https://go-acme.github.io/lego/dns/), ' +
        'such as cloudflare',
    ],
    [
      { providerCode: 'exec', nameservers: ['1.1.1.1'] },
      'nameservers[0] is "1.1.1.1"; expected a DNS server and its port, such as 1.1.1.1:53',
    ],
    [
      { providerCode: 'exec', propagationWaitSeconds: 0 },
      'propagationWaitSeconds is 0; expected a whole number from 1 to 3600',
    ],
  ])('is rejected with the challenge %j', (props, message) => {
    expect(refusal(() => certificate({ challenge: AcmeChallenge.dnsProvider(props) }))).toBe(
      `stack/Certificate: ${message}`,
    );
  });
});

describe('an account of an authority', () => {
  it('is registered with the credentials of a customer, which are variables', () => {
    new AcmeAccount(stack, 'Account', {
      emailAddress: 'ops@example.com',
      externalAccountBinding: { keyId: secret('eab_key_id'), hmacKey: secret('eab_hmac_key') },
    });
    expect(new TerraformJson(stack).only('acme_registration')).toMatchObject({
      email_address: 'ops@example.com',
      external_account_binding: [{ key_id: '${var.eab_key_id}', hmac_base64: '${var.eab_hmac_key}' }],
    });
  });

  it('can exist already, and is then neither registered nor deactivated', () => {
    const account = AcmeAccount.fromAccountKey(stack, 'Account', { accountKey: secret('account_key') });
    certificate({ account });
    const json = new TerraformJson(stack);
    expect(json.all('acme_registration')).toEqual([]);
    expect(json.only('acme_certificate')).toMatchObject({ account_key_pem: '${sensitive(var.account_key)}' });
  });

  it('is rejected with a variable that Terraform would print, or an invalid address', () => {
    const accountKey = new TerraformVariable(stack, 'account_key', { type: 'string' });
    expect(refusal(() => AcmeAccount.fromAccountKey(stack, 'Given', { accountKey }))).toBe(
      'stack/Given: the variable of accountKey ("account_key") is not sensitive, so Terraform would print the key; ' +
        'set sensitive: true',
    );
    expect(refusal(() => new AcmeAccount(stack, 'New', { emailAddress: 'ops' }))).toBe(
      'stack/New: emailAddress is "ops"; expected an email address, such as ops@example.com',
    );
  });
});

describe('the provider of an authority', () => {
  it('is rejected without an https URL', () => {
    expect(
      refusal(() => new AcmeProvider(stack, 'other', { serverUrl: 'letsencrypt', alias: 'other' })),
    ).toBe(
      'stack/other: serverUrl is "letsencrypt"; expected the https URL of an authority\'s ACME directory, such as ' +
        'https://acme-v02.api.letsencrypt.org/directory',
    );
  });

  it('is missing at synth with the line to add', () => {
    stack = azureStack(project, 'without');
    certificate();
    expect(refusal(() => synthStack(stack))).toContain(
      "declares no provider acme; add new AcmeProvider(stack, 'acme', { serverUrl: AcmeProvider.LETS_ENCRYPT }), " +
        "from 'cdktf-brainwave'",
    );
  });
});

describe('a service with a certificate from an ACME authority', () => {
  function service(props: Partial<AcmeSslProps> = {}): TerraformJson {
    new BrainwaveWebservice(stack, 'Service', {
      model: new RegisteredModel(stack, 'Model', {
        workspace: new LocalWorkspace(stack, 'Workspace'),
        name: 'pets',
        serviceDefinition: project.definition(),
      }),
      ssl: SslSettings.fromAcme({ hostname: HOSTNAME, challenge: cloudflare(), ...props }),
      compute: new LocalCompute(),
      serviceName: 'pets',
    });
    return new TerraformJson(stack);
  }

  it('gets it on this machine from a step whose output Terraform hides, and is configured again when it is renewed', async () => {
    const { certificate: root } = await createAuthority({ name: 'Example Root' });
    const json = service({ rootCertificateFile: project.write('root.pem', root) });
    const acme = json.address('acme_certificate');
    const chain = `sensitive(join("", [${acme}.certificate_pem, ${acme}.issuer_pem]))`;
    expect(json.steps('Service/Certificate')).toEqual([
      {
        name: 'write-workload-certificate',
        specification: { kind: 'service', name: 'pets' },
        environment: {
          CDKTF_BRAINWAVE_CERTIFICATE: `\${${chain}}`,
          CDKTF_BRAINWAVE_PRIVATE_KEY: `\${sensitive(${acme}.private_key_pem)}`,
        },
      },
    ]);
    expect(json.terraformData('Service/Certificate').triggers_replace).toMatchObject({
      certificate: `\${sha256(${chain})}`,
    });
    expect(json.terraformData('Service/Configuration').triggers_replace).toMatchObject({
      certificate: expect.stringMatching(/^\$\{terraform_data\.Service_Certificate_\w+\.id\}$/) as string,
    });
    const [configure] = json.steps('Service/Configuration');
    expect(configure.environment).toEqual({});
    expect(configure.specification).toMatchObject({
      tls: {
        hostname: HOSTNAME,
        files: {
          certificate: '.cdktf-brainwave/services/pets/provided-certificate.pem',
          privateKey: '.cdktf-brainwave/services/pets/provided-private-key.pem',
          rootCertificate: 'root.pem',
          allowSelfSigned: false,
        },
      },
    });
  });

  it('rejects a property that SslSettings.fromAcme does not have', () => {
    expect(refusal(() => service({ renewBefore: 20 } as never))).toBe(
      'stack/Service: unknown property renewBefore; did you mean renewBeforeDays?',
    );
  });
});
