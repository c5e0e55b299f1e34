import { AzurermBackend, type TerraformStack } from 'cdktf';

/** What is yours: none of it is secret. */
export const settings = {
  stateAccount: process.env.STATE_STORAGE_ACCOUNT ?? 'examplestate',
  domain: process.env.SCORING_DOMAIN ?? 'example.com',
  /** The subscription of Europe is the one that you are logged in to; America has one of its own. */
  americaSubscription: process.env.SCORING_AMERICA_SUBSCRIPTION ?? '00000000-0000-0000-0000-000000000002',
  /** A vault with the certificates `scoring-europe` and `scoring-america`. */
  certificateVaultId:
    process.env.SCORING_CERTIFICATE_VAULT ??
    '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/certificates' +
      '/providers/Microsoft.KeyVault/vaults/example-certificates',
  applicationImage: process.env.APPLICATION_IMAGE ?? 'example.azurecr.io/cat-sorter:1',
};

/** Each stack has a state of its own. Those that refer to another read its outputs from there. */
export function keepState(stack: TerraformStack): void {
  new AzurermBackend(stack, {
    resourceGroupName: 'terraform-state',
    storageAccountName: settings.stateAccount,
    containerName: 'tfstate',
    key: `cdktf-brainwave-composed-${stack.node.id}.tfstate`,
    useAzureadAuth: true,
  });
}
