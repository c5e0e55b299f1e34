import { asObject, type Plan, type ResourceChange, UNKNOWN } from './plan';
import {
  changedAttribute,
  type ChangedAspect,
  changedValue,
  CREATED,
  destroyed,
  interrupted,
  type Outcome,
  replaced,
  type ServiceImpact,
  UNCHANGED,
  updated,
} from './service-impact';

const ENDPOINTS = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints';

/** Online endpoints of Azure ML. */
export function onlineEndpoints(plan: Plan): ServiceImpact[] {
  return plan
    .filter((each) => each.type === 'azapi_resource' && armType(each) === ENDPOINTS)
    .map((endpoint) => {
      const name = String(endpoint.readLast('name'));
      const deployments = plan.filter(
        (each) => armType(each) === `${ENDPOINTS}/deployments` && parentOf(each) === name,
      );
      const traffic = plan.find(
        (each) =>
          each.type === 'azapi_update_resource' &&
          armType(each) === ENDPOINTS &&
          nameIn(each.read('before', 'resource_id') ?? each.read('after', 'resource_id')) === name,
      );
      return {
        name,
        platform: 'online endpoint',
        ...outcomeOf(endpoint, deployments, traffic),
        changes: changesOf(endpoint, deployments, traffic),
      };
    });
}

function outcomeOf(
  endpoint: ResourceChange,
  deployments: Plan,
  traffic: ResourceChange | undefined,
): Outcome {
  switch (endpoint.action) {
    case 'create':
      return CREATED;
    case 'delete':
      return destroyed('it is deleted with its deployments');
    case 'replace':
      return replaced(
        'it is deleted with its deployments and created again; calls fail until they are ready',
      );
    default:
  }
  const shares = sharesOf('after', traffic);
  const lost = deployments.find((each) => each.removes && Number(shares[nameOf(each)] ?? 0) > 0);
  if (lost) {
    const name = nameOf(lost);
    return interrupted(
      `the deployment "${name}" is deleted and created again while it gets ${String(shares[name])} % of the calls`,
    );
  }
  return [endpoint, ...deployments, ...(traffic ? [traffic] : [])].every(({ action }) => action === 'no-op')
    ? UNCHANGED
    : updated(
        'a deployment is deleted only when it gets no calls, and a changed one is replaced instance by instance',
      );
}

function changesOf(
  endpoint: ResourceChange,
  deployments: Plan,
  traffic: ResourceChange | undefined,
): ChangedAspect[] {
  if (endpoint.action === 'create' || endpoint.action === 'delete') {
    return [];
  }
  return [
    ...(endpoint.action === 'replace'
      ? [
          ...changedAttribute('name', endpoint, ['name'], true),
          { aspect: 'keys', detail: 'Azure creates new ones', concernsCallers: true },
          ...changedValue(
            'address',
            endpoint.read('before', 'output', 'properties', 'scoringUri'),
            UNKNOWN,
            true,
          ),
        ]
      : []),
    ...deployments
      .filter(({ action }) => action !== 'no-op')
      .map((each) => ({
        aspect: `deployment ${nameOf(each)}`,
        detail: PAST_TENSE[each.action] ?? each.action,
        concernsCallers: false,
      })),
    ...(traffic?.differs('body') === true
      ? changedValue(
          'traffic',
          percents(sharesOf('before', traffic)),
          percents(sharesOf('after', traffic)),
          false,
        )
      : []),
  ];
}

const PAST_TENSE: Readonly<Partial<Record<ResourceChange['action'], string>>> = {
  create: 'created',
  update: 'updated',
  replace: 'deleted and created again',
  delete: 'deleted',
};

function sharesOf(side: 'before' | 'after', traffic: ResourceChange | undefined) {
  return asObject(asObject(traffic?.readObject(side, 'body').properties).traffic);
}

function percents(shares: Readonly<Record<string, unknown>>): string {
  return Object.entries(shares)
    .map(([name, percent]) => `${name} ${String(percent)} %`)
    .join(', ');
}

function nameOf(deployment: ResourceChange): string {
  return String(deployment.readLast('name'));
}

function parentOf(deployment: ResourceChange): string | undefined {
  return nameIn(deployment.read('before', 'parent_id') ?? deployment.read('after', 'parent_id'));
}

/** Last part of an ARM id. */
function nameIn(id: unknown): string | undefined {
  return typeof id === 'string' ? id.split('/').at(-1) : undefined;
}

/** ARM type without its API version. */
function armType(resource: ResourceChange): string | undefined {
  const type = resource.read('after', 'type') ?? resource.read('before', 'type');
  return typeof type === 'string' ? type.split('@')[0] : undefined;
}
