import { createAuthority, issueCertificate } from '../../support/certificates';
import type { AzureSimulator } from '../simulator/azure-simulator';
import { CALLER, CALLER_NETWORK_ID, guid, SUBSCRIPTION_ID } from '../simulator/identity';
import { BUILT_IN_ROLES } from '../simulator/roles';

const GROUPS = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups`;
const STATE_ACCOUNT = `${GROUPS}/terraform-state/providers/Microsoft.Storage/storageAccounts/examplestate`;

/** A vault with the certificates and keys of those who have them there. */
export const CERTIFICATE_VAULT = 'example-certificates';
export const CERTIFICATE_VAULT_ID = `${GROUPS}/certificates/providers/Microsoft.KeyVault/vaults/${CERTIFICATE_VAULT}`;
const CERTIFICATE_NAMES = ['scoring', 'scoring-europe', 'scoring-america'] as const;

/** An Ed25519 key of no use to anybody. */
export const SSH_PUBLIC_KEY = `ssh-ed25519 ${Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from('ssh-ed25519'),
  Buffer.from([0, 0, 0, 32]),
  Buffer.alloc(32, 7),
]).toString('base64')} example`;

/** What the examples' READMEs name under "Before": a place for the state, a DNS zone, a vault, and the roles to use them. */
export async function addPrerequisites(azure: AzureSimulator): Promise<void> {
  azure.seed({
    [`${GROUPS}/terraform-state`]: { location: 'westeurope' },
    [STATE_ACCOUNT]: {
      location: 'westeurope',
      sku: { name: 'Standard_LRS' },
      kind: 'StorageV2',
      properties: { allowSharedKeyAccess: false },
    },
    [`${STATE_ACCOUNT}/blobServices/default/containers/tfstate`]: { properties: { publicAccess: 'None' } },
    [`${STATE_ACCOUNT}/blobServices/default/containers/scoring`]: { properties: { publicAccess: 'None' } },
    [`${GROUPS}/dns`]: { location: 'westeurope' },
    [`${GROUPS}/dns/providers/Microsoft.Network/dnsZones/example.com`]: { location: 'global' },
    [`${GROUPS}/pipeline`]: { location: 'westeurope' },
    [CALLER_NETWORK_ID]: {
      location: 'westeurope',
      properties: { addressSpace: { addressPrefixes: ['10.70.0.0/24'] } },
    },
    [`${GROUPS}/certificates`]: { location: 'westeurope' },
    [CERTIFICATE_VAULT_ID]: {
      location: 'westeurope',
      properties: {
        tenantId: CALLER.tenantId,
        enableRbacAuthorization: true,
        sku: { family: 'A', name: 'standard' },
      },
    },
  });
  for (const role of ['Storage Blob Data Contributor', 'Azure Kubernetes Service RBAC Cluster Admin']) {
    grantCaller(azure, `/subscriptions/${SUBSCRIPTION_ID}`, role);
  }
  grantCaller(azure, CERTIFICATE_VAULT_ID, 'Key Vault Certificate User');
  for (const name of CERTIFICATE_NAMES) {
    azure.vaults.setCertificate(CERTIFICATE_VAULT, name, await certificateWithKey());
  }
}

/** Gives a role to who runs Terraform. */
export function grantCaller(azure: AzureSimulator, scope: string, role: string): void {
  azure.seed({
    [`${scope}/providers/Microsoft.Authorization/roleAssignments/${guid(scope, role)}`]: {
      properties: {
        principalId: CALLER.objectId,
        roleDefinitionId: `/subscriptions/${SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/${BUILT_IN_ROLES[role] ?? role}`,
      },
    },
  });
}

/** PEM of a new certificate for all names that the stacks use. */
async function newCertificate(): Promise<{ certificate: string; privateKey: string }> {
  const issuer = await createAuthority({ name: 'Example authority' });
  const names = ['scoring', 'digits', 'europe.scoring', 'america.scoring'].map(
    (name) => `${name}.example.com`,
  );
  const { chain, privateKey } = await issueCertificate({ names, issuer, keyType: 'rsa' });
  return { certificate: chain, privateKey };
}

/** As a vault keeps it: the key, then the chain. */
export async function certificateWithKey(): Promise<string> {
  const { certificate, privateKey } = await newCertificate();
  return `${privateKey}${certificate}`;
}

/** A new certificate as the variables of stacks that take it from there. */
export async function certificateVariables(): Promise<{ certificate: string; private_key: string }> {
  const { certificate, privateKey } = await newCertificate();
  return { certificate, private_key: privateKey };
}
