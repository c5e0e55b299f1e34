import { BrainwaveError, messageOf } from '../errors/brainwave-error';

/** The input is not a plan of Terraform as JSON. */
export class PlanUnreadableError extends BrainwaveError {
  readonly code = 'PLAN_UNREADABLE';

  constructor(
    finding: string,
    remedy = 'write a plan with terraform plan -out plan.bin, and pass the output of terraform show -json plan.bin',
  ) {
    super(finding, { remedy });
  }
}

/** What Terraform does to a resource. `replace` is both of a deletion and a creation, in either order. */
export type Action = 'no-op' | 'create' | 'update' | 'replace' | 'delete';

/** A value of a plan: what is there, or why it cannot be read. */
export type PlanValue = string | number | boolean | undefined | typeof UNKNOWN | typeof SENSITIVE;

/** The value is known only after the apply. */
export const UNKNOWN = Symbol('known after the apply');
/** The value must not be shown. A plan in JSON contains it. */
export const SENSITIVE = Symbol('sensitive');

/** State before or after the apply. */
export type Side = 'before' | 'after';
/** Keys and indexes that lead to a value of a resource. */
export type Path = readonly (string | number)[];

interface RawChange {
  readonly actions: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
}

interface RawResource {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly module_address?: string | undefined;
  /** Key of the object, if an earlier apply has replaced it but not deleted it. */
  readonly deposed?: string | undefined;
  readonly change: RawChange;
}

/** The planned change of a resource. Sensitive values cannot be read from it. */
export class ResourceChange {
  readonly action: Action;
  /** Whether the new object is created before the former one is deleted. */
  readonly createsFirst: boolean;

  constructor(private readonly raw: RawResource) {
    const { actions } = raw.change;
    this.action = actions.length === 2 ? 'replace' : (actions[0] as Action);
    this.createsFirst = actions[0] === 'create';
  }

  get address(): string {
    return this.raw.address;
  }

  get type(): string {
    return this.raw.type;
  }

  /**
   * Key of an object that an earlier apply has replaced but not deleted. It has the address of its successor, and Terraform deletes
   * it last. `undefined` for the current object.
   */
  get deposed(): string | undefined {
    return this.raw.deposed;
  }

  /** Whether the object is removed, with or without a successor. */
  get removes(): boolean {
    return this.action === 'delete' || this.action === 'replace';
  }

  /**
   * Name of the resource without the last part and the hash that CDKTF appends, which resources of one construct have in
   * common: `Service_Aks` of `Service_Aks_Deployment_C82CE302`.
   */
  get scope(): string {
    const { module_address: module = '', name } = this.raw;
    return `${module} ${name.replace(/_[^_]+_[0-9A-F]{8}$/, '')}`;
  }

  /** Whether the resource is below the construct of another one, as far as their names tell. */
  isBelow({ scope }: ResourceChange): boolean {
    return this.scope === scope || this.scope.startsWith(`${scope}_`);
  }

  /** Whether the resource is declared with this ID. */
  hasId(id: string): boolean {
    return new RegExp(`(^|_)${id}_[0-9A-F]{8}$`).test(this.raw.name);
  }

  /** Reads the value at a path, such as `['spec', 0, 'replicas']`. */
  read(side: Side, ...path: Path): PlanValue {
    const { change } = this.raw;
    const value = side === 'before' ? change.before : change.after;
    if (reaches(side === 'before' ? change.before_sensitive : change.after_sensitive, path)) {
      return SENSITIVE;
    }
    const found = follow(value, path);
    if (found === undefined && side === 'after' && reaches(change.after_unknown, path)) {
      return UNKNOWN;
    }
    return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
      ? found
      : undefined;
  }

  /** Reads the value after the change, or the former one of a resource that is deleted. */
  readLast(...path: Path): PlanValue {
    return this.read(this.action === 'delete' ? 'before' : 'after', ...path);
  }

  /** The object, list or JSON text at a path; empty if there is none or it is sensitive. */
  readObject(side: Side, ...path: Path): Readonly<Record<string, unknown>> {
    const { before, after, before_sensitive: hiddenBefore, after_sensitive: hiddenAfter } = this.raw.change;
    const found = follow(side === 'before' ? before : after, path);
    const isHidden = reaches(side === 'before' ? hiddenBefore : hiddenAfter, path);
    return isHidden ? {} : asObject(found);
  }

  /** Whether a value changes, or may change because it is known only after the apply. Compares sensitive values, too. */
  differs(...path: Path): boolean {
    const { before, after, after_unknown: unknown } = this.raw.change;
    return (
      JSON.stringify(follow(before, path)) !== JSON.stringify(follow(after, path)) ||
      containsTrue(follow(unknown, path)) ||
      reaches(unknown, path)
    );
  }
}

/** Changes of a plan, without data sources. */
export type Plan = readonly ResourceChange[];

/**
 * Reads the output of `terraform show -json` for a plan file.
 * @param source how the user named the plan, for messages
 * @throws PlanUnreadableError
 */
export function parsePlan(text: string, source: string): Plan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const isBinary = text.startsWith('PK');
    throw new PlanUnreadableError(
      isBinary
        ? `${source} is a plan file, which only Terraform can read`
        : `${source} is not JSON: ${messageOf(error)}`,
    );
  }
  const { format_version: version, planned_values: values, resource_changes: changes } = asObject(json);
  if (typeof version !== 'string') {
    throw new PlanUnreadableError(`${source} is JSON, but not of a Terraform plan: it has no format_version`);
  }
  if (!version.startsWith('1.')) {
    throw new PlanUnreadableError(
      `${source} has the format_version ${version}, but this release reads 1.x`,
      'update cdktf-brainwave',
    );
  }
  if (values === undefined) {
    throw new PlanUnreadableError(`${source} is a state, not a plan`);
  }
  // Terraform leaves the list out if there is no resource.
  return ((changes ?? []) as readonly RawResource[])
    .filter(({ mode }) => mode === 'managed')
    .map((each) => new ResourceChange(each));
}

/** Parses a text that is JSON in a plan. Returns an empty object for anything else. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'string') {
    try {
      return asObject(JSON.parse(value));
    } catch {
      return {};
    }
  }
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function follow(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null
        ? (current as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    value,
  );
}

/** Whether a mask of `true`, such as `after_unknown`, covers the value at a path. */
function reaches(mask: unknown, path: Path): boolean {
  return mask === true || path.some((_, index) => follow(mask, path.slice(0, index + 1)) === true);
}

function containsTrue(mask: unknown): boolean {
  return (
    mask === true || (typeof mask === 'object' && mask !== null && Object.values(mask).some(containsTrue))
  );
}
