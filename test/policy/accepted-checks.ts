import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A failed check that is accepted, and why. */
export interface AcceptedCheck {
  /** ID of the check: `CKV_AZURE_117` of Checkov, `AZU-0041` of Trivy. */
  readonly check: string;
  /** What the check asks for. */
  readonly asksFor: string;
  /** Types of the resources, such as `azurerm_storage_account`. */
  readonly resources: readonly string[];
  readonly reason: string;
  /** Stacks in which it is accepted, as `<example>/<stack>`. @default - all */
  readonly stacks?: readonly string[];
}

/** A check that failed. */
export interface FailedCheck {
  readonly check: string;
  readonly title: string;
  /** `<example>/<stack>`. */
  readonly stack: string;
  /** `azurerm_storage_account.Workspace_Storage_1234ABCD`. */
  readonly resource: string;
}

/** Results of a scan. */
export interface ScanResult {
  /** Number of passed checks by stack. */
  readonly passed: ReadonlyMap<string, number>;
  readonly failed: readonly FailedCheck[];
}

/** What is wrong with the accepted checks. */
export interface PolicyProblems {
  /** Failed checks that are not accepted. */
  readonly unexplained: readonly FailedCheck[];
  /** Accepted checks, with a type or a stack, that no longer fail. */
  readonly obsolete: readonly string[];
}

const FILE = path.join(__dirname, 'accepted-checks.json');

export function readAcceptedChecks(): AcceptedCheck[] {
  return JSON.parse(readFileSync(FILE, 'utf8')) as AcceptedCheck[];
}

/** Compares the failed checks with those that are accepted. */
export function comparePolicy(
  failed: readonly FailedCheck[],
  accepted: readonly AcceptedCheck[],
): PolicyProblems {
  const used = new Set<string>();
  const unexplained = failed.filter(({ check, resource, stack }) => {
    const type = typeOf(resource);
    const entry = accepted.find(
      (each) =>
        each.check === check && each.resources.includes(type) && (each.stacks?.includes(stack) ?? true),
    );
    for (const key of entry
      ? [`${check} on ${type}`, ...(entry.stacks ? [`${check} in ${stack}`] : [])]
      : []) {
      used.add(key);
    }
    return !entry;
  });
  const obsolete = accepted
    .flatMap(({ check, resources, stacks = [] }) => [
      ...resources.map((type) => `${check} on ${type}`),
      ...stacks.map((stack) => `${check} in ${stack}`),
    ])
    .filter((key) => !used.has(key));
  return { unexplained, obsolete };
}

function typeOf(resource: string): string {
  return resource.split('.').at(-2) ?? resource;
}
