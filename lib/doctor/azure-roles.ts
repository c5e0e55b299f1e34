import * as z from 'zod';

import { askAzureCli } from './azure-cli';
import type { Check, Finding } from './check';

const accountSchema = z.object({ id: z.string(), user: z.object({ name: z.string() }) });
const assignmentsSchema = z.array(z.object({ roleDefinitionName: z.string() }));

/** Roles, any of which permits the task. */
interface Need {
  readonly task: string;
  /** Least privileged role. */
  readonly least: string;
  readonly anyOf: readonly string[];
}

const NEEDS: readonly Need[] = [
  { task: 'create resources', least: 'Contributor', anyOf: ['Owner', 'Contributor'] },
  {
    task: 'assign the roles that a stack declares',
    least: 'Role Based Access Control Administrator',
    anyOf: ['Owner', 'Role Based Access Control Administrator', 'User Access Administrator'],
  },
  {
    task: 'write blobs, which providers with storageUseAzuread require and Owner does not include',
    least: 'Storage Blob Data Contributor',
    anyOf: ['Storage Blob Data Contributor', 'Storage Blob Data Owner'],
  },
  {
    task: 'deploy to AKS clusters, which Owner does not include',
    least: 'Azure Kubernetes Service RBAC Cluster Admin',
    anyOf: ['Azure Kubernetes Service RBAC Cluster Admin'],
  },
];

/**
 * Checks the deployer's roles on the subscription. A missing role is only a note: a role on a narrower scope or a custom role may
 * suffice.
 */
export const checkAzureRoles: Check = async ({ env, location }) => {
  // A service principal's login differs from that of az.
  if (location === undefined || env.ARM_CLIENT_ID) {
    return [];
  }
  const account = await askAzureCli(['account', 'show'], env);
  const login = account.kind === 'answer' ? accountSchema.safeParse(account.json).data : undefined;
  if (!login) {
    // The login check reports the reason.
    return [];
  }
  // Pipelines pass an empty variable for an unset value.
  const { ARM_SUBSCRIPTION_ID: subscription = '' } = env;
  const scope = `/subscriptions/${subscription === '' ? login.id : subscription}`;
  const answer = await askAzureCli(
    [
      ...['role', 'assignment', 'list', '--assignee', login.user.name, '--scope', scope],
      ...['--include-inherited', '--include-groups'],
    ],
    env,
  );
  const assignments = answer.kind === 'answer' ? assignmentsSchema.safeParse(answer.json).data : undefined;
  if (!assignments) {
    const reason = answer.kind === 'refused' ? answer.reason : 'az lists no roles';
    return [
      {
        check: 'roles',
        outcome: 'note',
        finding: `the roles on the subscription cannot be determined: ${reason}`,
        remedy: `make sure that you have ${NEEDS.map(({ least }) => least).join(', ')}`,
      },
    ];
  }
  return findings(new Set(assignments.map(({ roleDefinitionName }) => roleDefinitionName)));
};

function findings(roles: ReadonlySet<string>): Finding[] {
  const missing = NEEDS.filter(({ anyOf }) => !anyOf.some((role) => roles.has(role)));
  if (missing.length === 0) {
    return [
      { check: 'roles', outcome: 'passed', finding: `on the subscription: ${[...roles].sort().join(', ')}` },
    ];
  }
  return missing.map(({ task, least, anyOf }) => ({
    check: 'roles',
    outcome: 'note',
    finding: `you have no role on the subscription to ${task}, expected ${anyOf.join(' or ')}`,
    remedy:
      `unless you have it on a narrower scope, ask an administrator to run az role assignment create --role "${least}" ` +
      '--assignee <you> --scope "/subscriptions/$ARM_SUBSCRIPTION_ID"',
  }));
}
