import { SERVER_VARIABLES } from '../contract/environment';
import { asObject, type Plan, type PlanValue, type ResourceChange, type Side, UNKNOWN } from './plan';
import {
  CHANGED_CERTIFICATE,
  changedAddressRanges,
  changedAttribute,
  type ChangedAspect,
  changedKeys,
  changedModel,
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

const HTTPS_PORT = 443;

/** Services on Azure Container Apps. */
export function containerAppsServices(plan: Plan): ServiceImpact[] {
  return plan
    .filter((each) => each.type === 'azurerm_container_app' && each.hasId('App'))
    .map((app) => {
      const below = plan.filter((each) => each.isBelow(app));
      return {
        name: String(app.readLast('name')),
        platform: 'Azure Container Apps',
        ...outcomeOf(app, below),
        changes: changesOf(app, below),
      };
    });
}

function outcomeOf(app: ResourceChange, below: Plan): Outcome {
  switch (app.action) {
    case 'create':
      return CREATED;
    case 'delete':
      return destroyed('its app is deleted');
    case 'replace':
      return replaced('its app is deleted and created again; calls fail until the new one has started');
    default:
  }
  const rollout = app.differs('template') ? rolloutOf(app) : undefined;
  const domain = domainOf(below);
  if (domain?.removes) {
    return interrupted(`${domain.address}, the host name that callers use, is removed`, rollout);
  }
  if (app.read('before', 'ingress', 0, 'external_enabled') === true && !isExternal(app, 'after')) {
    return interrupted('only apps in its environment can call from now on, at another address', rollout);
  }
  if (isExternal(app, 'before') !== isExternal(app, 'after')) {
    return interrupted('apps in its environment must call another address', rollout);
  }
  if (portOf(app, 'before') !== portOf(app, 'after')) {
    return interrupted('callers use another port; the former one is closed', rollout);
  }
  if (app.action === 'no-op') {
    return UNCHANGED;
  }
  if (!app.differs('template')) {
    return updated('its replicas stay as they are');
  }
  return updated(revisionOutcome(app), rollout);
}

/** What happens to calls if the template changes, which starts a revision. */
function revisionOutcome(app: ResourceChange): string {
  if (app.read('after', 'revision_mode') !== 'Multiple') {
    return 'a new revision gets the calls once it is ready';
  }
  const latest = sharesOf(app, 'after').find(({ revision }) => revision === LATEST);
  return latest === undefined || latest.percent === 0
    ? 'a new revision starts beside the others, and gets no calls until you give it a share of them'
    : `a new revision starts beside the others, and gets ${latest.percent} % of the calls`;
}

/** The startup probe says for how long a revision may start. */
function rolloutOf(app: ResourceChange): string {
  const probe = values(scoringContainer(app, 'after').startup_probe).at(0);
  const seconds = Number(probe?.interval_seconds) * Number(probe?.failure_count_threshold);
  return `one revision, ${Number.isNaN(seconds) ? 'some' : `up to ${Math.ceil(seconds / 60)}`} minutes until it is ready`;
}

function changesOf(app: ResourceChange, below: Plan): ChangedAspect[] {
  const domain = domainOf(below);
  const revision = below.find((each) => each.type === 'terraform_data' && each.hasId('Revision'));
  const moves =
    isExternal(app, 'before') !== isExternal(app, 'after') ||
    app.differs('name') ||
    app.differs('container_app_environment_id');
  const image = imageOf(app, 'before');
  const certificate = below.find((each) => each.type === 'azurerm_container_app_environment_certificate');
  return [
    ...(moves ? changedValue('address', app.read('before', 'ingress', 0, 'fqdn'), UNKNOWN, true) : []),
    ...changedValue('port', portOf(app, 'before'), portOf(app, 'after'), true),
    ...changedValue(
      'host name',
      domain?.read('before', 'name'),
      domain?.read('after', 'name'),
      domain?.removes === true,
    ),
    ...changedAddressRanges(app, ['ingress', 0, 'ip_security_restriction'], 'ip_address_range'),
    ...changedKeys(below, revision),
    ...(certificate?.action === 'replace' || revision?.differs('triggers_replace', 'certificate') === true
      ? [CHANGED_CERTIFICATE]
      : []),
    ...changedValue('traffic', trafficOf(app, 'before'), trafficOf(app, 'after'), false),
    ...changedModel(configurationOf(app, 'before'), configurationOf(app, 'after')),
    ...changedValue('image', image, imageOf(app, 'after') ?? (image && UNKNOWN), false),
    ...changedAttribute('minimum of replicas', app, ['template', 0, 'min_replicas'], false),
    ...changedAttribute('maximum of replicas', app, ['template', 0, 'max_replicas'], false),
  ];
}

function domainOf(below: Plan): ResourceChange | undefined {
  return below.find((each) => each.type === 'azurerm_container_app_custom_domain');
}

/** Whether callers outside of the environment reach it. The address of an app that is not external has another domain. */
function isExternal(app: ResourceChange, side: Side): boolean {
  return app.read(side, 'ingress', 0, 'external_enabled') !== false;
}

function portOf(app: ResourceChange, side: Side): PlanValue {
  return app.read(side, 'ingress', 0, 'transport') === 'tcp'
    ? app.read(side, 'ingress', 0, 'exposed_port')
    : HTTPS_PORT;
}

const LATEST = 'the latest revision';

function sharesOf(
  app: ResourceChange,
  side: Side,
): { readonly revision: string; readonly percent: number }[] {
  return values(app.readObject(side, 'ingress', 0, 'traffic_weight')).map((share) => ({
    revision: share.latest_revision === true ? LATEST : String(share.revision_suffix),
    percent: Number(share.percentage),
  }));
}

function trafficOf(app: ResourceChange, side: Side): string {
  return sharesOf(app, side)
    .map(({ revision, percent }) => `${revision} ${percent} %`)
    .join(', ');
}

function imageOf(app: ResourceChange, side: Side): PlanValue {
  const { image } = scoringContainer(app, side);
  return typeof image === 'string' ? image : undefined;
}

function configurationOf(app: ResourceChange, side: Side): Readonly<Record<string, unknown>> {
  const variables = values(scoringContainer(app, side).env);
  return asObject(variables.find(({ name }) => name === SERVER_VARIABLES.configuration)?.value);
}

function scoringContainer(app: ResourceChange, side: Side): Readonly<Record<string, unknown>> {
  const containers = values(app.readObject(side, 'template', 0, 'container'));
  return containers.find(({ name }) => name === 'scoring') ?? {};
}

/** The objects of a list. */
function values(list: unknown): Readonly<Record<string, unknown>>[] {
  return Object.values(asObject(list)).map(asObject);
}
