import * as z from 'zod';

import { askAzureCli, AZURE_CLI_INSTALLATION } from './azure-cli';
import type { Check, Finding } from './check';

const accountSchema = z.object({ id: z.string(), name: z.string(), state: z.string() });

/** Checks the Azure login of the Azure CLI or of a pipeline. Compares IDs without showing them. */
export const checkAzureLogin: Check = async ({ env, location }) => {
  const check = 'azure';
  const outcome = location === undefined ? 'note' : 'failed';
  const { ARM_CLIENT_ID, ARM_USE_OIDC } = env;
  if (ARM_CLIENT_ID) {
    const way = ARM_USE_OIDC === 'true' ? 'with OIDC' : 'without OIDC (ARM_USE_OIDC is not true)';
    return [
      {
        check,
        outcome: 'passed',
        finding: `ARM_CLIENT_ID is set: providers authenticate as a service principal, ${way}`,
      },
      ...subscription(env),
    ];
  }
  const answer = await askAzureCli(['account', 'show'], env);
  switch (answer.kind) {
    case 'missing':
      return [
        {
          check,
          outcome,
          finding:
            'the Azure CLI (az) is not on PATH' +
            (location === undefined ? '; local deployments do not need it' : ', expected it with a login'),
          remedy: `for Azure, install it: ${AZURE_CLI_INSTALLATION}`,
        },
      ];
    case 'logged-out':
      return [
        {
          check,
          outcome,
          finding: 'the Azure CLI is not logged in',
          remedy: 'run az login to deploy to Azure',
        },
      ];
    case 'refused':
      return [
        {
          check,
          outcome,
          finding: `the Azure CLI does not report its login: ${answer.reason}`,
          remedy: 'run az account show',
        },
      ];
    case 'answer':
      return describe(answer.json, env);
  }
};

function describe(json: unknown, env: NodeJS.ProcessEnv): Finding[] {
  const check = 'azure';
  const account = accountSchema.safeParse(json).data;
  if (!account) {
    return [
      {
        check,
        outcome: 'failed',
        finding: 'az account show reports no subscription',
        remedy: 'select one: az account set --subscription <name>',
      },
    ];
  }
  if (account.state !== 'Enabled') {
    return [
      {
        check,
        outcome: 'failed',
        finding: `the subscription "${account.name}" is ${account.state}, expected Enabled`,
        remedy: 'select another: az account set --subscription <name>',
      },
    ];
  }
  return [
    { check, outcome: 'passed', finding: `logged in; subscription "${account.name}"` },
    ...subscription(env, account),
  ];
}

/** Since version 4, `azurerm` requires the subscription in its configuration or environment. */
function subscription(env: NodeJS.ProcessEnv, account?: z.infer<typeof accountSchema>): Finding[] {
  const { ARM_SUBSCRIPTION_ID } = env;
  if (!ARM_SUBSCRIPTION_ID) {
    return [
      {
        check: 'azure',
        outcome: 'note',
        finding:
          'ARM_SUBSCRIPTION_ID is not set; the azurerm provider needs it unless the stack sets subscriptionId',
        remedy: 'export ARM_SUBSCRIPTION_ID="$(az account show --query id --output tsv)"',
      },
    ];
  }
  return account && account.id.toLowerCase() !== ARM_SUBSCRIPTION_ID.toLowerCase()
    ? [
        {
          check: 'azure',
          outcome: 'note',
          finding: `ARM_SUBSCRIPTION_ID differs from the subscription of az, "${account.name}"; stacks use ARM_SUBSCRIPTION_ID`,
          remedy: 'align them: az account set --subscription "$ARM_SUBSCRIPTION_ID"',
        },
      ]
    : [];
}
