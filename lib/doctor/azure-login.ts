import { z } from 'zod';

import { askAzureCli, AZURE_CLI_INSTALLATION } from './azure-cli';
import type { Check, Finding } from './check';

const accountSchema = z.object({ id: z.string(), name: z.string(), state: z.string() });

/** The login to Azure: the Azure CLI's, or that of a pipeline. Ids are compared, and not shown. */
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
        finding: `ARM_CLIENT_ID is set: providers log in as an application, ${way}`,
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
            'there is no Azure CLI (az) on PATH' +
            (location === undefined
              ? '; deployments on this machine do without'
              : ', expected a login with it'),
          remedy: `for Azure, install it: ${AZURE_CLI_INSTALLATION}`,
        },
      ];
    case 'logged-out':
      return [
        { check, outcome, finding: 'the Azure CLI is not logged in', remedy: 'for Azure, log in: az login' },
      ];
    case 'refused':
      return [
        {
          check,
          outcome,
          finding: `the Azure CLI does not say who is logged in: ${answer.reason}`,
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
        finding: 'the answer of az account show names no subscription',
        remedy: 'choose one: az account set --subscription <name>',
      },
    ];
  }
  if (account.state !== 'Enabled') {
    return [
      {
        check,
        outcome: 'failed',
        finding: `the subscription "${account.name}" is ${account.state}, expected Enabled`,
        remedy: 'choose another: az account set --subscription <name>',
      },
    ];
  }
  return [
    { check, outcome: 'passed', finding: `logged in; subscription "${account.name}"` },
    ...subscription(env, account),
  ];
}

/** From version 4 on `azurerm` takes the subscription from nowhere but its settings. */
function subscription(env: NodeJS.ProcessEnv, account?: z.infer<typeof accountSchema>): Finding[] {
  const { ARM_SUBSCRIPTION_ID } = env;
  if (!ARM_SUBSCRIPTION_ID) {
    return [
      {
        check: 'azure',
        outcome: 'note',
        finding:
          'ARM_SUBSCRIPTION_ID is not set; the provider azurerm needs it, unless the stack sets subscriptionId',
        remedy: 'export ARM_SUBSCRIPTION_ID="$(az account show --query id --output tsv)"',
      },
    ];
  }
  return account && account.id.toLowerCase() !== ARM_SUBSCRIPTION_ID.toLowerCase()
    ? [
        {
          check: 'azure',
          outcome: 'note',
          finding: `ARM_SUBSCRIPTION_ID is not the subscription of az, "${account.name}"; stacks go to the former`,
          remedy: 'set one of them: az account set --subscription "$ARM_SUBSCRIPTION_ID"',
        },
      ]
    : [];
}
