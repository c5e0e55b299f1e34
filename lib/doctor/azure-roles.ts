import { z } from 'zod';

import { askAzureCli } from './azure-cli';
import type { Check, Finding } from './check';

const accountSchema = z.object({ id: z.string(), user: z.object({ name: z.string() }) });
const assignmentsSchema = z.array(z.object({ roleDefinitionName: z.string() }));

/** Roles of which one lets an identity do what `task` says. */
interface Need {
  readonly task: string;
  /** The least of them. */
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
    task: 'write blobs, which a provider with storageUseAzuread does by role and which Owner does not include',
    least: 'Storage Blob Data Contributor',
    anyOf: ['Storage Blob Data Contributor', 'Storage Blob Data Owner'],
  },
];

/**
 * The roles that whoever deploys has on the subscription. A missing one is a note: a narrower scope or a role of one's own
 * may do.
 */
export const checkAzureRoles: Check = async ({ env, location }) => {
  // An application's login is not the one that az has.
  if (location === undefined || env.ARM_CLIENT_ID) {
    return [];
  }
  const account = await askAzureCli(['account', 'show'], env);
  const login = account.kind === 'answer' ? accountSchema.safeParse(account.json).data : undefined;
  if (!login) {
    // The check of the login says why.
    return [];
  }
  const scope = `/subscriptions/${env.ARM_SUBSCRIPTION_ID ? env.ARM_SUBSCRIPTION_ID : login.id}`;
  const answer = await askAzureCli(
    [
      ...['role', 'assignment', 'list', '--assignee', login.user.name, '--scope', scope],
      ...['--include-inherited', '--include-groups'],
    ],
    env,
  );
  const assignments = answer.kind === 'answer' ? assignmentsSchema.safeParse(answer.json).data : undefined;
  if (!assignments) {
    const reason = answer.kind === 'refused' ? answer.reason : 'az lists none';
    return [
      {
        check: 'roles',
        outcome: 'note',
        finding: `the roles on the subscription cannot be looked at: ${reason}`,
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
    finding: `the subscription has no role for you to ${task}; expected ${anyOf.join(' or ')}`,
    remedy:
      `unless you have it on a narrower scope, have someone run az role assignment create --role "${least}" ` +
      '--assignee <you> --scope "/subscriptions/$ARM_SUBSCRIPTION_ID"',
  }));
}
