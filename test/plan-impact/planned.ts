/** A resource of a plan as `terraform show -json` writes it. */
export interface Planned {
  readonly type: string;
  readonly name: string;
  /** In Terraform's order: a replacement that creates first is `['create', 'delete']`. */
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly unknown?: unknown;
  readonly sensitive?: unknown;
  /** Key of an object that an earlier apply has replaced but not deleted. */
  readonly deposed?: string;
}

/** Writes a plan of these resources as `terraform show -json` does. */
export function planJson(resources: readonly Planned[]): string {
  return JSON.stringify({
    format_version: '1.2',
    planned_values: {},
    resource_changes: resources.map((each) => ({
      address: `${each.type}.${each.name}`,
      mode: 'managed',
      type: each.type,
      name: each.name,
      ...(each.deposed !== undefined && { deposed: each.deposed }),
      change: {
        actions: each.actions,
        before: each.before ?? null,
        after: each.after ?? null,
        after_unknown: each.unknown ?? {},
        before_sensitive: each.sensitive ?? {},
        after_sensitive: each.sensitive ?? {},
      },
    })),
  });
}
