import { asObject, type Plan, type ResourceChange, type Side } from './plan';
import {
  CHANGED_CERTIFICATE,
  CHANGED_KEYS,
  type ChangedAspect,
  changedValue,
  CREATED,
  destroyed,
  interrupted,
  replaced,
  type ServiceImpact,
  UNCHANGED,
  updated,
} from './service-impact';

interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tls: Readonly<Record<string, unknown>>;
  readonly keys: Readonly<Record<string, unknown>>;
  readonly model: string | undefined;
  readonly workers: number | undefined;
}

const LOADING = 'as long as the model takes to load';

/** Services and endpoints on the machine that applies the plan. */
export function localWorkloads(plan: Plan): ServiceImpact[] {
  return plan
    .filter((each) => each.type === 'terraform_data' && each.hasId('Reservation'))
    .map((reservation) => impactOf(reservation, plan));
}

function impactOf(reservation: ResourceChange, plan: Plan): ServiceImpact {
  const configuration = plan.find(
    (each) =>
      each.scope === reservation.scope && each.type === 'terraform_data' && each.hasId('Configuration'),
  );
  const before = workloadOf('before', reservation, configuration);
  const after = workloadOf('after', reservation, configuration);
  const { name, kind } = after ?? before ?? { name: reservation.address, kind: 'service' };
  const changes = before && after ? changesOf(before, after, configuration) : [];
  const common = { name, platform: kind === 'service' ? 'local' : 'local endpoint', changes };
  switch (reservation.action) {
    case 'create':
      return { ...common, ...CREATED };
    case 'delete':
      return {
        ...common,
        ...destroyed('it ends after its calls in flight, and its keys and certificate are deleted'),
      };
    case 'replace':
      return {
        ...common,
        changes: [...changes, ...(after ? regenerated(after) : [])],
        ...replaced('it ends, and a new process starts; calls fail until that is ready', LOADING),
      };
    default:
      if (before && after && (before.address !== after.address || before.port !== after.port)) {
        return {
          ...common,
          ...interrupted(
            'it ends, and starts again on its new address; calls fail until it is ready',
            LOADING,
          ),
        };
      }
      return configuration?.action === 'replace' || configuration?.action === 'update'
        ? {
            ...common,
            ...updated(
              'the running process takes over the change, and finishes calls in flight as it was',
              LOADING,
            ),
          }
        : { ...common, ...UNCHANGED };
  }
}

function workloadOf(
  side: Side,
  reservation: ResourceChange,
  configuration: ResourceChange | undefined,
): Workload | undefined {
  const reserved = reservation.readObject(side, 'triggers_replace', 'specification');
  if (typeof reserved.name !== 'string') {
    return undefined;
  }
  const configured = configuration?.readObject(side, 'triggers_replace', 'configuration') ?? {};
  const { name: model, version } = asObject(configured.model);
  return {
    kind: String(reserved.kind),
    name: reserved.name,
    address: String(configured.address),
    port: Number(configured.port),
    tls: asObject(configured.tls),
    keys: asObject(configured.keys),
    model: typeof model === 'string' ? [model, text(version) ?? []].flat().join(':') : undefined,
    workers: configured.workers === undefined ? undefined : Number(configured.workers),
  };
}

function changesOf(
  before: Workload,
  after: Workload,
  configuration: ResourceChange | undefined,
): ChangedAspect[] {
  return [
    ...changedValue('name', before.name, after.name, true),
    ...changedValue('address', before.address, after.address, true),
    ...changedValue('port', before.port, after.port, true),
    ...changedValue('host name', text(before.tls.hostname), text(after.tls.hostname), true),
    ...changedKeys(before, after, configuration),
    ...(configuration?.differs('triggers_replace', 'certificate') === true ? [CHANGED_CERTIFICATE] : []),
    ...changedValue('model', before.model, after.model, false),
    ...changedValue('workers', before.workers, after.workers, false),
  ];
}

function changedKeys(
  before: Workload,
  after: Workload,
  configuration: ResourceChange | undefined,
): ChangedAspect[] {
  const former = asObject(before.keys.generated);
  const next = asObject(after.keys.generated);
  const rotated = (['primary', 'secondary'] as const).filter(
    (each) => former[`${each}Rotation`] !== next[`${each}Rotation`],
  );
  if (rotated.length > 0) {
    return rotated.map((each) => ({
      aspect: `${each} key`,
      detail: 'a new one is generated, and the former one is refused',
      concernsCallers: true,
    }));
  }
  return configuration?.differs('triggers_replace', 'keys') === true ? [CHANGED_KEYS] : [];
}

/** What a workload loses with its folder. */
function regenerated({ tls, keys }: Workload): ChangedAspect[] {
  return [
    ...(keys.generated === undefined
      ? []
      : [{ aspect: 'keys', detail: 'both are generated anew', concernsCallers: true }]),
    ...(tls.selfSigned === undefined
      ? []
      : [
          {
            aspect: 'certificate',
            detail: 'a new self-signed one, which callers must trust',
            concernsCallers: true,
          },
        ]),
  ];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
