import { INSTANCE_LABEL } from '../contract/kubernetes-labels';
import { type Plan, type PlanValue, type ResourceChange, type Side, UNKNOWN } from './plan';
import {
  CHANGED_CERTIFICATE,
  changedAddressRanges,
  changedAttribute,
  type ChangedAspect,
  changedKeys,
  changedModel,
  changedValue,
  count,
  CREATED,
  destroyed,
  interrupted,
  type Outcome,
  replaced,
  type ServiceImpact,
  show,
  UNCHANGED,
  updated,
} from './service-impact';

/** The resources of a service, found by their names. */
interface Parts {
  readonly deployment: ResourceChange;
  readonly service: ResourceChange | undefined;
  readonly namespace: ResourceChange | undefined;
  readonly revision: ResourceChange | undefined;
  readonly below: Plan;
}

/** Services on Kubernetes, with AKS among them. */
export function kubernetesServices(plan: Plan): ServiceImpact[] {
  return plan
    .filter((each) => each.type === 'kubernetes_deployment_v1' && each.hasId('Deployment'))
    .filter((each) => labelOf(each, 'app.kubernetes.io/name') === 'cdktf-brainwave')
    .map((deployment) => impactOf(partsOf(deployment, plan)));
}

function partsOf(deployment: ResourceChange, plan: Plan): Parts {
  const below = plan.filter((each) => each.isBelow(deployment));
  const part = (type: string, id: string) =>
    below.find((each) => each.scope === deployment.scope && each.type === type && each.hasId(id));
  return {
    deployment,
    service: part('kubernetes_service_v1', 'Service'),
    namespace: part('kubernetes_namespace_v1', 'Namespace'),
    revision: part('terraform_data', 'Revision'),
    below,
  };
}

function impactOf(parts: Parts): ServiceImpact {
  const { deployment } = parts;
  const name = labelOf(deployment, INSTANCE_LABEL);
  const namespace = deployment.readLast('metadata', 0, 'namespace');
  return {
    name: name ?? deployment.address,
    platform: `Kubernetes, namespace ${show(namespace)}`,
    ...outcomeOf(parts),
    changes: [...callersChanges(parts), ...contentChanges(parts)],
  };
}

function outcomeOf({ deployment, service, namespace, below }: Parts): Outcome {
  if (deployment.action === 'create' && namespace?.action !== 'replace') {
    return CREATED;
  }
  if (deployment.action === 'delete') {
    return destroyed('its pods and its address are deleted');
  }
  if (namespace?.removes) {
    return recreated('its namespace is deleted with everything in it, and created again');
  }
  if (service?.removes) {
    return recreated('its Kubernetes Service is deleted and created again');
  }
  const rollout = rolloutOf(deployment);
  if (service?.differs('spec', 0, 'port') === true) {
    return interrupted(
      'callers use another port: connections that are open serve on until their pod stops, new ones to the former port fail',
      rollout,
    );
  }
  if (publicIpOf(below)?.removes || (service && movesAddress(service))) {
    return interrupted('callers reach it at another address; the former one is given up', rollout);
  }
  if (deployment.action === 'replace') {
    return deployment.createsFirst
      ? updated(
          'new pods start beside the old ones, and the Service selects them when they are ready and tested',
          rollout,
        )
      : recreated('its Deployment is deleted and created again');
  }
  if (service?.differs('spec', 0, 'selector') === true) {
    // An earlier apply has started them, but their test has failed.
    return updated('the Service selects other pods, which already run, once they are tested');
  }
  if (replacesPods(deployment)) {
    return rollingOutcome(deployment, rollout);
  }
  if (deployment.differs('spec', 0, 'replicas')) {
    return updated('pods that stop finish their calls', rollout);
  }
  return deployment.action === 'no-op' && (service === undefined || service.action === 'no-op')
    ? UNCHANGED
    : updated('its pods stay as they are');
}

function recreated(reason: string): Outcome {
  return replaced(`${reason}; calls fail until the new pods are ready`);
}

/** Without a pod more than there are replicas, an old one stops before a new one starts. */
function rollingOutcome(deployment: ResourceChange, rollout: string | undefined): Outcome {
  if (maxSurge(deployment) !== '0') {
    return updated('a new pod is ready before an old one stops', rollout);
  }
  const replicas = Number(deployment.read('after', 'spec', 0, 'replicas'));
  return replicas === 1
    ? interrupted(
        'no device is free for a second pod, so the only one stops before its successor starts',
        rollout,
      )
    : updated(
        `no device is free for another pod, so one of ${replicas} pods is missing during the rollout`,
        rollout,
      );
}

function rolloutOf(deployment: ResourceChange): string | undefined {
  if (!replacesPods(deployment)) {
    return undefined;
  }
  const replicas = count(deployment.read('after', 'spec', 0, 'replicas'), 'pod');
  const deadline = Number(deployment.read('after', 'spec', 0, 'progress_deadline_seconds') ?? 600);
  const surges = deployment.action === 'replace' || maxSurge(deployment) !== '0';
  const order =
    deployment.action === 'replace' ? ', all at once, beside the old ones' : ', one after the other';
  return (
    `${replicas}${replicas === '1 pod' ? '' : order}; each takes as long as its image and its model take to load. ` +
    `The apply fails after ${Math.round(deadline / 60)} minutes without progress${surges ? ', and the old pods serve on' : ''}`
  );
}

function maxSurge(deployment: ResourceChange): PlanValue {
  return deployment.read('after', 'spec', 0, 'strategy', 0, 'rolling_update', 0, 'max_surge');
}

function replacesPods(deployment: ResourceChange): boolean {
  return deployment.action === 'replace' || deployment.differs('spec', 0, 'template');
}

function callersChanges({ service, revision, below }: Parts): ChangedAspect[] {
  const publicIp = publicIpOf(below);
  return [
    ...changedAttribute('port', service, ['spec', 0, 'port', 0, 'port'], true),
    ...(publicIp?.removes
      ? changedValue('address', publicIp.read('before', 'ip_address'), UNKNOWN, true)
      : service && (service.removes || movesAddress(service))
        ? changedValue('address', balancerAddress(service), UNKNOWN, true)
        : []),
    ...changedAttribute('host name', revision, ['triggers_replace', 'hostname'], true),
    ...changedAddressRanges(service, ['spec', 0, 'load_balancer_source_ranges']),
    ...changedKeys(below, revision),
  ];
}

function publicIpOf(below: Plan): ResourceChange | undefined {
  return below.find((each) => each.type === 'azurerm_public_ip');
}

/** Whether a Service that stays gets another address, because it is exposed in another way. */
function movesAddress(service: ResourceChange): boolean {
  return (
    service.action === 'update' &&
    (service.differs('spec', 0, 'type') ||
      ADDRESS_ANNOTATIONS.some((name) => service.differs('metadata', 0, 'annotations', name)))
  );
}

/** @see https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/ */
const ADDRESS_ANNOTATIONS = [
  'azure-load-balancer-internal',
  'azure-load-balancer-internal-subnet',
  'azure-load-balancer-ipv4',
  'azure-load-balancer-resource-group',
  'azure-pip-name',
].map((name) => `service.beta.kubernetes.io/${name}`);

function contentChanges({ deployment, revision }: Parts): ChangedAspect[] {
  const configuration = (side: Side) => revision?.readObject(side, 'triggers_replace', 'configuration');
  const pod = ['spec', 0, 'template', 0, 'spec', 0] as const;
  return [
    ...changedModel(configuration('before'), configuration('after')),
    ...changedAttribute('image', deployment, [...pod, 'container', 0, 'image'], false),
    ...(revision?.differs('triggers_replace', 'certificate') === true ? [CHANGED_CERTIFICATE] : []),
    ...changedAttribute('replicas', deployment, ['spec', 0, 'replicas'], false),
  ];
}

function balancerAddress(service: ResourceChange): PlanValue {
  const path = ['status', 0, 'load_balancer', 0, 'ingress', 0] as const;
  return service.read('before', ...path, 'ip') ?? service.read('before', ...path, 'hostname');
}

function labelOf(deployment: ResourceChange, label: string): string | undefined {
  const value = deployment.readLast('metadata', 0, 'labels', label);
  return typeof value === 'string' ? value : undefined;
}
