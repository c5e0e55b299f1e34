import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';

import { AcmeCertificate, AcmeChallenge, AcmeProvider, DnsZone } from '../../constructs';
import {
  addPrerequisites,
  CERTIFICATE_VAULT,
  CERTIFICATE_VAULT_ID,
  grantCaller,
} from '../azure/scenarios/prerequisites';
import { AzureSimulator } from '../azure/simulator/azure-simulator';
import { SUBSCRIPTION_ID } from '../azure/simulator/identity';
import { objectsOf, textOf } from '../azure/simulator/json';
import { TerraformProject, type Outcome } from '../e2e/terraform-project';
import { afterwards } from '../support/cleanup';
import { startNameserver } from './nameserver';
import { PebbleAuthority } from './pebble-authority';

const NAME = 'from-pebble';
const ZONE = 'example.com';
const ZONE_ID = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/names/providers/Microsoft.Network/dnsZones/${ZONE}`;

it('a certificate is proved in the DNS zone of the stack and imported into a key vault, and its renewal is a new version of it', async () => {
  const written: string[] = [];
  const azure = await AzureSimulator.start({
    onRequest: ({ method, path: id }) => {
      if (id.startsWith(`${ZONE_ID}/TXT/`) && method !== 'GET') {
        written.push(`${method} ${id.slice(ZONE_ID.length + 1)}`);
      }
    },
  });
  afterwards(() => azure.close());
  // They contain a zone of the same name in another resource group.
  await addPrerequisites(azure);
  grantCaller(azure, CERTIFICATE_VAULT_ID, 'Key Vault Certificates Officer');
  const nameserver = await startNameserver((name) =>
    name.endsWith(`.${ZONE}`) ? recordsOf(azure, name.slice(0, -ZONE.length - 1)) : [],
  );
  const authority = await PebbleAuthority.start(nameserver);
  const project = new TerraformProject('acme-azure-');
  afterwards(() => project.remove());
  const rootFile = path.join(project.folder, 'azure.pem');
  writeFileSync(rootFile, azure.root);
  const environment = { ...authority.environment, ...azure.environment(rootFile) };
  const synth = (renewBeforeDays?: number) => {
    project.synth((stack) => {
      new AzurermProvider(stack, 'azurerm', { features: [{}], resourceProviderRegistrations: 'none' });
      new AcmeProvider(stack, 'acme', { serverUrl: authority.directoryUrl });
      const group = new ResourceGroup(stack, 'Names', { name: 'names', location: 'westeurope' });
      new AcmeCertificate(stack, 'Certificate', {
        hostname: 'scoring.example.com',
        alternativeNames: ['*.scoring.example.com', 'example.com'],
        challenge: AcmeChallenge.azureDns({
          zone: new DnsZone(stack, 'Zone', { zoneName: ZONE, resourceGroupName: group.name }),
          nameservers: [nameserver],
          // The lookup asks the name servers of the zone, on port 53.
          propagationWaitSeconds: 1,
        }),
        renewBeforeDays,
        keyVaultId: CERTIFICATE_VAULT_ID,
        certificateName: NAME,
      });
    });
  };
  const inVault = () => azure.vaults.values.get(`${CERTIFICATE_VAULT}/${NAME}`) ?? '';

  synth();
  await project.init();
  requireOk(await project.apply(environment));
  const before = new X509Certificate(certificateOf(inVault()));
  expect(before.subjectAltName?.split(', ').sort()).toEqual([
    'DNS:*.scoring.example.com',
    'DNS:example.com',
    'DNS:scoring.example.com',
  ]);
  expect(inVault()).toContain('PRIVATE KEY');
  expect(new Set(written)).toEqual(
    new Set([
      'PUT TXT/_acme-challenge.scoring',
      'DELETE TXT/_acme-challenge.scoring',
      'PUT TXT/_acme-challenge',
      'DELETE TXT/_acme-challenge',
    ]),
  );
  expect([...azure.resources.all()].filter(({ type }) => type.endsWith('/TXT'))).toEqual([]);
  expect(await project.terraformIn('e2e', environment, 'plan', '-detailed-exitcode')).toMatchObject({
    ok: true,
  });

  synth(100_000);
  const renewal = requireOk(await project.apply(environment));

  expect(renewal).toMatch(/azurerm_key_vault_certificate\.\w+: Modifications complete/);
  expect(new X509Certificate(certificateOf(inVault())).serialNumber).not.toBe(before.serialNumber);
  requireOk(await project.destroy(environment));
  expect(azure.unanswered).toEqual([]);
});

/** TXT records of a name in the zone, as its name servers answer. */
function recordsOf(azure: AzureSimulator, name: string): string[] {
  const { TXTRecords } = azure.resources.find(`${ZONE_ID}/TXT/${name}`)?.properties ?? {};
  return objectsOf(TXTRecords).map(({ value }) => (Array.isArray(value) ? value.map(textOf).join('') : ''));
}

/** Returns what Terraform has written. */
function requireOk({ ok, output }: Outcome): string {
  if (!ok) {
    throw new Error(output);
  }
  return output;
}

/** The first certificate of a PEM text. */
function certificateOf(pem: string): string {
  const [certificate = ''] = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(pem) ?? [];
  return certificate;
}
