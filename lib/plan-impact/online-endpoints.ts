import { SERVER_VARIABLES } from '../contract/environment';
import { asObject, type Plan, type ResourceChange, type Side, UNKNOWN } from './plan';
import {
  changedAttribute,
  type ChangedAspect,
  changedModel,
  changedValue,
  count,
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
  if (endpoint.read('before', ...PUBLIC_ACCESS) === 'Enabled' && isClosed(endpoint)) {
    return interrupted('callers on the Internet no longer reach it');
  }
  const shares = sharesOf('after', traffic);
  const lost = deployments.find((each) => each.action === 'replace' && Number(shares[nameOf(each)] ?? 0) > 0);
  if (lost) {
    const name = nameOf(lost);
    return interrupted(
      `the deployment "${name}" is deleted and created again while it gets ${String(shares[name])} % of the calls`,
    );
  }
  if (endpoint.action === 'update' && traffic) {
    return interrupted(
      'writing the endpoint resets its traffic, which is set again right after; calls fail in between',
    );
  }
  const former = sharesOf('before', traffic);
  const serving = deployments.find(
    (each) => each.action === 'delete' && Number(former[nameOf(each)] ?? 0) > 0,
  );
  if (serving) {
    const name = nameOf(serving);
    return updated(
      `the apply fails, because the deployment "${name}" gets ${String(former[name])} % of the calls; set its share to 0 and apply, ` +
        'then remove it',
    );
  }
  return [endpoint, ...deployments, ...(traffic ? [traffic] : [])].every(({ action }) => action === 'no-op')
    ? UNCHANGED
    : updated(
        'a deployment is deleted only when it gets no calls, and a changed one is replaced instance by instance',
        rolloutOf(deployments),
      );
}

function rolloutOf(deployments: Plan): string | undefined {
  const started = deployments.filter(({ action }) => action === 'create' || action === 'update');
  const instances = started.map((each) => {
    const capacity = each.read('after', 'body', 'sku', 'capacity');
    return `${nameOf(each)}${capacity === undefined ? '' : `, ${count(capacity, 'instance')}`}`;
  });
  return started.length === 0
    ? undefined
    : `${instances.join('; ')}; each takes as long as its machine, its image and its model take to start`;
}

const PUBLIC_ACCESS = ['body', 'properties', 'publicNetworkAccess'] as const;

function isClosed(endpoint: ResourceChange): boolean {
  return endpoint.read('after', ...PUBLIC_ACCESS) === 'Disabled';
}

function changesOf(
  endpoint: ResourceChange,
  deployments: Plan,
  traffic: ResourceChange | undefined,
): ChangedAspect[] {
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
    ...deployments.flatMap((each) =>
      each.action === 'update'
        ? changedModel(configurationOf(each, 'before'), configurationOf(each, 'after'))
        : [],
    ),
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

/** Configuration of the scoring server; empty for a deployment of an entry script. */
function configurationOf(deployment: ResourceChange, side: Side) {
  return deployment.readObject(
    side,
    ...['body', 'properties', 'environmentVariables', SERVER_VARIABLES.configuration],
  );
}

function sharesOf(side: Side, traffic: ResourceChange | undefined) {
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
  const type = resource.readLast('type');
  return typeof type === 'string' ? type.split('@')[0] : undefined;
}
