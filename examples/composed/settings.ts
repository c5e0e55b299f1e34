import { AzurermBackend, type TerraformStack } from 'cdktf';

/** Your settings. None of them is secret. */
export const settings = {
  stateAccount: process.env.STATE_STORAGE_ACCOUNT ?? 'examplestate',
  domain: process.env.SCORING_DOMAIN ?? 'example.com',
  /** Subscription for America. For Europe, the subscription of the current login is used. */
  americaSubscription: process.env.SCORING_AMERICA_SUBSCRIPTION ?? '00000000-0000-0000-0000-000000000002',
  /** Key vault with the certificates `scoring-europe` and `scoring-america`. */
  certificateVaultId:
    process.env.SCORING_CERTIFICATE_VAULT ??
    '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/certificates' +
      '/providers/Microsoft.KeyVault/vaults/example-certificates',
  applicationImage: process.env.APPLICATION_IMAGE ?? 'example.azurecr.io/cat-sorter:1',
};

/** Each stack has its own state, from which other stacks read its outputs. */
export function keepState(stack: TerraformStack): void {
  new AzurermBackend(stack, {
    resourceGroupName: 'terraform-state',
    storageAccountName: settings.stateAccount,
    containerName: 'tfstate',
    key: `cdktf-brainwave-composed-${stack.node.id}.tfstate`,
    useAzureadAuth: true,
  });
}
