import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';

import { AcmeCertificate, AcmeChallenge, AcmeProvider } from '../../constructs';
import {
  addPrerequisites,
  CERTIFICATE_VAULT,
  CERTIFICATE_VAULT_ID,
  grantCaller,
} from '../azure/scenarios/prerequisites';
import { AzureSimulator } from '../azure/simulator/azure-simulator';
import { TerraformProject, type Outcome } from '../e2e/terraform-project';
import { afterwards } from '../support/cleanup';
import { PebbleAuthority } from './pebble-authority';

const NAME = 'from-pebble';

it('a certificate is imported into a key vault, and its renewal is a new version of it', async () => {
  const authority = await PebbleAuthority.start();
  const azure = await AzureSimulator.start();
  afterwards(() => azure.close());
  await addPrerequisites(azure);
  grantCaller(azure, CERTIFICATE_VAULT_ID, 'Key Vault Certificates Officer');
  const project = new TerraformProject('acme-vault-');
  afterwards(() => project.remove());
  const rootFile = path.join(project.folder, 'azure.pem');
  writeFileSync(rootFile, azure.root);
  const environment = { ...authority.environment, ...azure.environment(rootFile) };
  const synth = (renewBeforeDays?: number) => {
    project.synth((stack) => {
      new AzurermProvider(stack, 'azurerm', { features: [{}], resourceProviderRegistrations: 'none' });
      new AcmeProvider(stack, 'acme', { serverUrl: authority.directoryUrl });
      new AcmeCertificate(stack, 'Certificate', {
        hostname: 'scoring.example.com',
        challenge: AcmeChallenge.dnsProvider({
          providerCode: 'httpreq',
          nameservers: [authority.nameserver],
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
  expect(before.subjectAltName).toBe('DNS:scoring.example.com');
  expect(inVault()).toContain('PRIVATE KEY');
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
