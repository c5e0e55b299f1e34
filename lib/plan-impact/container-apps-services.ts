import type { Plan, ResourceChange } from './plan';
import { changedValue, type ServiceImpact } from './service-impact';

type Outcome = Pick<ServiceImpact, 'change' | 'losesCalls' | 'reason' | 'rollout'>;

/** Services on Azure Container Apps. */
export function containerAppsServices(plan: Plan): ServiceImpact[] {
  return plan
    .filter((each) => each.type === 'azurerm_container_app' && each.hasId('App'))
    .map((app) => {
      const below = plan.filter((each) => each.isBelow(app));
      const port = (side: 'before' | 'after') => app.read(side, 'ingress', 0, 'exposed_port');
      const replicas = (side: 'before' | 'after') => app.read(side, 'template', 0, 'max_replicas');
      return {
        name: String(app.read(app.action === 'delete' ? 'before' : 'after', 'name')),
        platform: 'Azure Container Apps',
        ...outcomeOf(app, below),
        changes:
          app.action === 'create' || app.action === 'delete'
            ? []
            : [
                ...changedValue('port', port('before'), port('after'), true),
                ...changedValue('maximum of replicas', replicas('before'), replicas('after'), false),
              ],
      };
    });
}

function outcomeOf(app: ResourceChange, below: Plan): Outcome {
  switch (app.action) {
    case 'create':
      return { change: 'created', losesCalls: false, reason: 'it is new' };
    case 'delete':
      return { change: 'destroyed', losesCalls: true, reason: 'its app is deleted' };
    case 'replace':
      return {
        change: 'replaced',
        losesCalls: true,
        reason: 'its app is deleted and created again; calls fail until the new one has started',
      };
    default:
  }
  const domain = below.find((each) => each.type === 'azurerm_container_app_custom_domain' && each.removes);
  if (domain) {
    return {
      change: 'updated',
      losesCalls: true,
      reason: `${domain.address}, the host name that callers use, is removed`,
    };
  }
  return app.action === 'no-op'
    ? { change: 'unchanged', losesCalls: false, reason: 'nothing changes' }
    : {
        change: 'updated',
        losesCalls: false,
        reason: 'a new revision gets the calls once it is ready',
        rollout: 'one revision, some minutes',
      };
}
