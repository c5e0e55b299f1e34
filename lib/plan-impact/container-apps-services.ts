import type { Plan, ResourceChange } from './plan';
import {
  changedAttribute,
  CREATED,
  destroyed,
  interrupted,
  type Outcome,
  replaced,
  type ServiceImpact,
  UNCHANGED,
  updated,
} from './service-impact';

/** Services on Azure Container Apps. */
export function containerAppsServices(plan: Plan): ServiceImpact[] {
  return plan
    .filter((each) => each.type === 'azurerm_container_app' && each.hasId('App'))
    .map((app) => ({
      name: String(app.readLast('name')),
      platform: 'Azure Container Apps',
      ...outcomeOf(
        app,
        plan.filter((each) => each.isBelow(app)),
      ),
      changes:
        app.action === 'create' || app.action === 'delete'
          ? []
          : [
              ...changedAttribute('port', app, ['ingress', 0, 'exposed_port'], true),
              ...changedAttribute('maximum of replicas', app, ['template', 0, 'max_replicas'], false),
            ],
    }));
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
  const domain = below.find((each) => each.type === 'azurerm_container_app_custom_domain' && each.removes);
  if (domain) {
    return interrupted(`${domain.address}, the host name that callers use, is removed`);
  }
  return app.action === 'no-op'
    ? UNCHANGED
    : updated('a new revision gets the calls once it is ready', 'one revision, some minutes');
}
