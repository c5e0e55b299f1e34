import {
  asObject,
  type Path,
  type Plan,
  type PlanValue,
  type ResourceChange,
  SENSITIVE,
  type Side,
  UNKNOWN,
} from './plan';

/** What a plan does to a service as a whole. */
export type ServiceChange = 'unchanged' | 'created' | 'updated' | 'replaced' | 'destroyed';

/** Something about a service that changes. */
export interface ChangedAspect {
  /** Such as `port`, `primary key` or `model`. */
  readonly aspect: string;
  /** What changes, in a few words, such as `80 → 443`. Never a secret. */
  readonly detail: string;
  /** Whether callers must be changed, because they use it. */
  readonly concernsCallers: boolean;
}

/** What a plan does to a service and its callers. */
export interface ServiceImpact {
  readonly name: string;
  /** Where it runs, such as `local` or `Kubernetes, namespace pets`. */
  readonly platform: string;
  readonly change: ServiceChange;
  /** Whether calls fail for a time, even if clients repeat them where that is safe. */
  readonly losesCalls: boolean;
  /** Why calls are lost, or why none is. */
  readonly reason: string;
  readonly changes: readonly ChangedAspect[];
  /** How the change is rolled out, and how long that takes. */
  readonly rollout?: string | undefined;
}

/** What a plan does to a service as a whole. */
export type Outcome = Pick<ServiceImpact, 'change' | 'losesCalls' | 'reason' | 'rollout'>;

export const CREATED: Outcome = { change: 'created', losesCalls: false, reason: 'it is new' };
export const UNCHANGED: Outcome = { change: 'unchanged', losesCalls: false, reason: 'nothing changes' };

/** A change while which the service serves. */
export function updated(reason: string, rollout?: string): Outcome {
  return { change: 'updated', losesCalls: false, reason, rollout };
}

/** A change during which calls fail. */
export function interrupted(reason: string, rollout?: string): Outcome {
  return { change: 'updated', losesCalls: true, reason, rollout };
}

export function replaced(reason: string, rollout?: string): Outcome {
  return { change: 'replaced', losesCalls: true, reason, rollout };
}

export function destroyed(reason: string): Outcome {
  return { change: 'destroyed', losesCalls: true, reason };
}

/** Describes changed address ranges from which callers are admitted. */
export function changedAddressRanges(
  resource: ResourceChange | undefined,
  path: Path,
  property?: string,
): ChangedAspect[] {
  const ranges = (side: Side) => {
    const each = Object.values(resource?.readObject(side, ...path) ?? {});
    const found = property === undefined ? each : each.map((range) => asObject(range)[property]);
    return found.length === 0 ? 'any' : found.join(', ');
  };
  return resource?.differs(...path) === true
    ? changedValue('admitted addresses', ranges('before'), ranges('after'), true)
    : [];
}

/** Describes changed keys: those that Terraform generates by their names, others together. */
export function changedKeys(below: Plan, revision: ResourceChange | undefined): ChangedAspect[] {
  const generated = below.filter((each) => each.type === 'random_password' && each.action === 'replace');
  return generated.length === 0
    ? revision?.differs('triggers_replace', 'keys') === true
      ? [CHANGED_KEYS]
      : []
    : generated.map((each) => ({
        aspect: each.hasId('PrimaryKey') ? 'primary key' : 'secondary key',
        detail: 'a new one is generated, and the former one is refused once the rollout is complete',
        concernsCallers: true,
      }));
}

/** Describes a changed model by the configurations of the server. */
export function changedModel(before: Configuration, after: Configuration): ChangedAspect[] {
  return changedValue('model', modelOf(before), modelOf(after), false);
}

type Configuration = Readonly<Record<string, unknown>> | undefined;

function modelOf(configuration: Configuration = {}): string | undefined {
  const { name, version } = asObject(configuration.model);
  return typeof name === 'string' && typeof version === 'string' ? `${name}:${version}` : undefined;
}

export const CHANGED_KEYS: ChangedAspect = {
  aspect: 'keys',
  detail: 'at least one of the two changes',
  concernsCallers: true,
};
export const CHANGED_CERTIFICATE: ChangedAspect = {
  aspect: 'certificate',
  detail: 'another one is served',
  concernsCallers: false,
};

/** Shows a value of a plan. */
export function show(value: PlanValue): string {
  switch (value) {
    case UNKNOWN:
      return 'known after the apply';
    case SENSITIVE:
      return 'a sensitive value';
    case undefined:
      return 'none';
    default:
      return String(value);
  }
}

/** Describes a changed value; none if it stays the same. */
export function changedValue(
  aspect: string,
  before: PlanValue,
  after: PlanValue,
  concernsCallers: boolean,
): ChangedAspect[] {
  const stays = before === after && before !== SENSITIVE && before !== UNKNOWN;
  return stays ? [] : [{ aspect, detail: `${show(before)} → ${show(after)}`, concernsCallers }];
}

/** Describes a changed attribute of a resource, if there is one. */
export function changedAttribute(
  aspect: string,
  resource: ResourceChange | undefined,
  path: Path,
  concernsCallers: boolean,
): ChangedAspect[] {
  return changedValue(
    aspect,
    resource?.read('before', ...path),
    resource?.read('after', ...path),
    concernsCallers,
  );
}

/** Says how a number of things are called: `1 pod`, `3 pods`. */
export function count(number: PlanValue, noun: string): string {
  return `${show(number)} ${noun}${Number(number) === 1 ? '' : 's'}`;
}
