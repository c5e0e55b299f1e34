import { isDeepStrictEqual } from 'node:util';

import { asObject, type Plan, type ResourceChange, type Side, UNKNOWN } from './plan';
import {
  CHANGED_KEYS,
  changedAttribute,
  type ChangedAspect,
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

/** Services on virtual machines with FPGAs. */
export function fpgaServices(plan: Plan): ServiceImpact[] {
  return plan
    .filter((each) => each.type === 'azurerm_linux_virtual_machine_scale_set' && each.hasId('ScaleSet'))
    .map((machines) => {
      const below = plan.filter((each) => each.isBelow(machines));
      return {
        name: String(machines.readLast('name')),
        platform: 'FPGA machines',
        ...outcomeOf(machines, below, plan),
        changes: changesOf(machines, below),
      };
    });
}

function outcomeOf(machines: ResourceChange, below: Plan, plan: Plan): Outcome {
  const replicas = machines.read('after', 'instances');
  switch (machines.action) {
    case 'create':
      return CREATED;
    case 'delete':
      return destroyed('its machines and its address are deleted');
    case 'replace':
      return replaced(
        'its machines are deleted and created again; calls fail until the new ones have started',
        `${count(replicas, 'machine')}, up to 30 minutes until they have started`,
      );
    default:
  }
  const lost = below.find((each) => each.removes && BETWEEN_CALLERS_AND_MACHINES.includes(each.type));
  if (lost) {
    return interrupted(
      `${lost.address}, through which callers reach the machines, is deleted and created again`,
    );
  }
  if (below.some((each) => each.type === 'azurerm_lb_rule' && each.differs('frontend_port'))) {
    return interrupted('callers use another port; the former one is closed');
  }
  if (machines.action === 'no-op') {
    return UNCHANGED;
  }
  if (!CONTENT.some((attribute) => machines.differs(attribute))) {
    return updated('its machines stay as they are');
  }
  if (changesOnlySecrets(machines, plan)) {
    return updated('the running servers load the new keys', 'about a minute');
  }
  const batch = machines.read('after', 'rolling_upgrade_policy', 0, 'max_batch_instance_percent');
  return replicas === 1
    ? interrupted('the only machine is down while it takes over the change', 'one machine, some minutes')
    : updated(
        'the load balancer leaves out machines that are being changed',
        `${count(replicas, 'machine')}, ${String(batch)} % at a time, with 5 minutes between`,
      );
}

/**
 * The configuration of the machines is known only after the apply if a key that the stack writes changes. Everything else in
 * it is known at the plan, except for the name of an image that is built again. A key that is already in a vault is known by
 * the version in its URL.
 */
function changesOnlySecrets(machines: ResourceChange, plan: Plan): boolean {
  if (CONTENT.some((attribute) => attribute !== 'user_data' && machines.differs(attribute))) {
    return false;
  }
  if (machines.read('after', 'user_data') !== UNKNOWN) {
    const [before, after] = (['before', 'after'] as const).map((side) => configurationOf(machines, side));
    return isDeepStrictEqual({ ...before, secrets: undefined }, { ...after, secrets: undefined });
  }
  return !plan.some(
    ({ type, action }) => type === 'azurerm_container_registry_task_schedule_run_now' && action !== 'no-op',
  );
}

/** The configuration in the user data; the user data itself if it is something else. */
function configurationOf(machines: ResourceChange, side: Side): Readonly<Record<string, unknown>> {
  const userData = machines.read(side, 'user_data');
  const text = typeof userData === 'string' ? Buffer.from(userData, 'base64').toString('utf8') : '';
  const configuration = asObject(text);
  return Object.keys(configuration).length > 0 ? configuration : { userData };
}

function changesKeys(machines: ResourceChange, below: Plan): boolean {
  if (below.some((each) => each.hasId('Revision') && each.action === 'replace')) {
    return true;
  }
  const keys = (side: Side) => asObject(configurationOf(machines, side).secrets).keys;
  return machines.read('after', 'user_data') !== UNKNOWN && !isDeepStrictEqual(keys('before'), keys('after'));
}

const BETWEEN_CALLERS_AND_MACHINES = [
  'azurerm_lb',
  'azurerm_lb_backend_address_pool',
  'azurerm_lb_rule',
  'azurerm_public_ip',
  'azurerm_subnet',
  'azurerm_virtual_network',
];
/** Attributes whose change reaches the machines. */
const CONTENT = ['user_data', 'custom_data', 'source_image_id', 'source_image_reference', 'sku'];

function changesOf(machines: ResourceChange, below: Plan): ChangedAspect[] {
  const address = below.find((each) => each.type === 'azurerm_public_ip');
  const rule = below.find((each) => each.type === 'azurerm_lb_rule');
  return [
    ...(address?.removes ? changedValue('address', address.read('before', 'ip_address'), UNKNOWN, true) : []),
    ...changedAttribute('port', rule, ['frontend_port'], true),
    ...(changesKeys(machines, below) ? [CHANGED_KEYS] : []),
    ...(machines.differs('user_data')
      ? [{ aspect: 'configuration', detail: 'model, image, key or certificate', concernsCallers: false }]
      : []),
    ...changedAttribute('size', machines, ['sku'], false),
    ...changedAttribute('replicas', machines, ['instances'], false),
  ];
}
