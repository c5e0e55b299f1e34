import { parsePlan } from '../../lib/plan-impact/plan';
import { planImpact } from '../../lib/plan-impact/plan-impact';
import type { ServiceImpact } from '../../lib/plan-impact/service-impact';
import { planJson, type Planned } from './planned';

function impactOf(...resources: Planned[]) {
  return planImpact(parsePlan(planJson(resources), 'plan.json'));
}

function serviceOf(...resources: Planned[]): ServiceImpact {
  const { services } = impactOf(...resources);
  expect(services).toHaveLength(1);
  return services[0];
}

/** `aspect: detail`, with `!` in front if callers must follow. */
function changesOf({ changes }: ServiceImpact): string[] {
  return changes.map(
    ({ aspect, detail, concernsCallers }) => `${concernsCallers ? '! ' : ''}${aspect}: ${detail}`,
  );
}

describe('a service on this machine', () => {
  const reserved = (name = 'pets') => ({
    triggers_replace: { specification: JSON.stringify({ kind: 'service', name }) },
  });
  const configured = (version: string, primaryRotation = '1', port = 50_051) => ({
    triggers_replace: {
      configuration: JSON.stringify({
        kind: 'service',
        name: 'pets',
        address: '127.0.0.1',
        port,
        model: { name: 'cats', version },
        tls: { hostname: 'scoring.localhost', selfSigned: { validityDays: 365 } },
        keys: { generated: { primaryRotation, secondaryRotation: '1' } },
      }),
    },
  });
  const reservation: Planned = {
    type: 'terraform_data',
    name: 'Service_Reservation_551119F1',
    actions: ['no-op'],
    before: reserved(),
    after: reserved(),
  };
  const configuration: Planned = {
    type: 'terraform_data',
    name: 'Service_Configuration_45140DF4',
    actions: ['no-op'],
    before: configured('1'),
    after: configured('1'),
  };

  it('is unchanged if neither its address nor its configuration changes', () => {
    expect(serviceOf(reservation, configuration)).toMatchObject({
      name: 'pets',
      platform: 'local',
      change: 'unchanged',
      losesCalls: false,
      changes: [],
    });
  });

  it('loses no call if its model changes', () => {
    const impact = serviceOf(reservation, {
      ...configuration,
      actions: ['delete', 'create'],
      after: configured('2'),
    });

    expect(impact).toMatchObject({ change: 'updated', losesCalls: false });
    expect(changesOf(impact)).toEqual(['model: cats:1 → cats:2']);
  });

  it('asks callers to follow a rotated key, and names which one', () => {
    const impact = serviceOf(reservation, {
      ...configuration,
      actions: ['delete', 'create'],
      after: configured('1', '2'),
    });

    expect(impact.losesCalls).toBe(false);
    expect(changesOf(impact)).toEqual([
      '! primary key: a new one is generated, and the former one is refused',
    ]);
  });

  it('loses calls, but keeps its keys and its certificate, if its port changes', () => {
    const impact = serviceOf(reservation, {
      ...configuration,
      actions: ['delete', 'create'],
      after: configured('1', '1', 50_052),
    });

    expect(impact).toMatchObject({ change: 'updated', losesCalls: true });
    expect(changesOf(impact)).toEqual(['! port: 50051 → 50052']);
  });

  it('loses calls, its keys and its certificate if its name changes', () => {
    const impact = serviceOf(
      { ...reservation, actions: ['delete', 'create'], after: reserved('dogs') },
      { ...configuration, actions: ['delete', 'create'] },
    );

    expect(impact).toMatchObject({ change: 'replaced', losesCalls: true });
    expect(changesOf(impact)).toEqual([
      '! name: pets → dogs',
      '! keys: both are generated anew',
      '! certificate: a new self-signed one, which callers must trust',
    ]);
  });

  it('is created or destroyed as a whole', () => {
    expect(serviceOf({ ...reservation, actions: ['create'], before: null })).toMatchObject({
      change: 'created',
      losesCalls: false,
    });
    expect(serviceOf({ ...reservation, actions: ['delete'], after: null })).toMatchObject({
      name: 'pets',
      change: 'destroyed',
      losesCalls: true,
    });
  });
});

describe('a service on Kubernetes', () => {
  const deployed = ({ replicas = '2', image = 'pets:1', surge = '1' } = {}) => ({
    metadata: [
      {
        namespace: 'pets',
        labels: { 'app.kubernetes.io/name': 'cdktf-brainwave', 'app.kubernetes.io/instance': 'pets' },
      },
    ],
    spec: [
      {
        replicas,
        progress_deadline_seconds: 300,
        strategy: [{ rolling_update: [{ max_surge: surge }] }],
        template: [{ spec: [{ container: [{ image }] }] }],
      },
    ],
  });
  const deployment: Planned = {
    type: 'kubernetes_deployment_v1',
    name: 'Service_Aks_Deployment_D2F39A7A',
    actions: ['update'],
    before: deployed(),
    after: deployed(),
  };
  const exposed = (port: number) => ({
    spec: [{ port: [{ port }] }],
    status: [{ load_balancer: [{ ingress: [{ ip: '20.1.2.3' }] }] }],
  });
  const service: Planned = {
    type: 'kubernetes_service_v1',
    name: 'Service_Aks_Service_47CD8275',
    actions: ['no-op'],
    before: exposed(443),
    after: exposed(443),
  };

  it('loses no call if a pod is ready before an old one stops', () => {
    const impact = serviceOf({ ...deployment, after: deployed({ image: 'pets:2' }) }, service);

    expect(impact).toMatchObject({
      name: 'pets',
      platform: 'Kubernetes, namespace pets',
      change: 'updated',
      losesCalls: false,
    });
    expect(changesOf(impact)).toEqual(['image: pets:1 → pets:2']);
    expect(impact.rollout).toBe(
      '2 pods, one after the other; each takes as long as its image and its model take to load. ' +
        'The apply fails after 5 minutes without progress, and the old pods serve on',
    );
  });

  it('loses calls if the only pod must stop before its successor has a device', () => {
    const impact = serviceOf(
      { ...deployment, after: deployed({ image: 'pets:2', replicas: '1', surge: '0' }) },
      service,
    );

    expect(impact).toMatchObject({ losesCalls: true });
    expect(impact.reason).toContain('the only one stops before its successor starts');
  });

  it('loses no call if only the number of replicas changes, and replaces no pod', () => {
    const impact = serviceOf({ ...deployment, after: deployed({ replicas: '3' }) }, service);

    expect(impact).toMatchObject({ losesCalls: false, rollout: undefined });
    expect(changesOf(impact)).toEqual(['replicas: 2 → 3']);
  });

  it('loses no call if another set of pods is created before the old one is deleted', () => {
    expect(serviceOf({ ...deployment, actions: ['create', 'delete'] }, service)).toMatchObject({
      change: 'updated',
      losesCalls: false,
    });
    expect(serviceOf({ ...deployment, actions: ['delete', 'create'] }, service)).toMatchObject({
      change: 'replaced',
      losesCalls: true,
    });
  });

  it('loses calls if its port changes, its Service is replaced, or its namespace is', () => {
    const port = serviceOf(deployment, { ...service, actions: ['update'], after: exposed(80) });
    expect(port).toMatchObject({ losesCalls: true });
    expect(changesOf(port)).toEqual(['! port: 443 → 80']);

    const address = serviceOf(deployment, { ...service, actions: ['delete', 'create'] });
    expect(address).toMatchObject({ change: 'replaced', losesCalls: true });
    expect(changesOf(address)).toEqual(['! address: 20.1.2.3 → known after the apply']);

    const namespace = {
      type: 'kubernetes_namespace_v1',
      name: 'Service_Aks_Namespace_CB30FCBC',
      actions: ['delete', 'create'],
    };
    expect(serviceOf(deployment, service, namespace)).toMatchObject({ change: 'replaced', losesCalls: true });
  });

  it('asks callers to follow generated keys and a changed address', () => {
    const impact = serviceOf(
      deployment,
      service,
      { type: 'random_password', name: 'Service_Aks_PrimaryKey_63E1D164', actions: ['delete', 'create'] },
      {
        type: 'azurerm_public_ip',
        name: 'Service_Aks_PublicIp_A20900A2',
        actions: ['delete', 'create'],
        before: { ip_address: '20.1.2.3' },
        unknown: { ip_address: true },
      },
    );

    expect(impact.losesCalls).toBe(true);
    expect(changesOf(impact)).toEqual([
      '! address: 20.1.2.3 → known after the apply',
      '! primary key: a new one is generated, and the former one is refused once the rollout is complete',
    ]);
  });

  it('tells the model by the configuration of its revision', () => {
    const revision = (version: string) => ({
      triggers_replace: { configuration: JSON.stringify({ model: { name: 'cats', version } }), keys: 'a' },
    });
    const impact = serviceOf({ ...deployment, unknown: { spec: [{ template: true }] } }, service, {
      type: 'terraform_data',
      name: 'Service_Aks_Revision_D22FEC0E',
      actions: ['delete', 'create'],
      before: revision('1'),
      after: revision('2'),
    });

    expect(changesOf(impact)).toContain('model: cats:1 → cats:2');
  });

  describe('after the test of a new revision has failed', () => {
    // As Terraform 1.11 writes it: both objects have the same address, and the current one comes first.
    const serving: Planned = { ...deployment, actions: ['delete'], after: null, deposed: '74f1fbd1' };
    const selected = (podSet: string) => ({ spec: [{ port: [{ port: 443 }], selector: { podSet } }] });
    const switched = { ...service, actions: ['update'], before: selected('a'), after: selected('b') };

    it('loses no call if the former pods are deleted once the tested ones serve', () => {
      const impact = serviceOf({ ...deployment, actions: ['no-op'] }, serving, switched);
      expect(impact).toMatchObject({
        change: 'updated',
        losesCalls: false,
        reason: 'the Service selects other pods, which already run, once they are tested',
      });
      expect(serviceOf({ ...deployment, actions: ['create', 'delete'] }, serving, switched)).toMatchObject({
        change: 'updated',
        losesCalls: false,
      });
    });

    it('is not deleted with what an earlier apply has left behind', () => {
      const impact = impactOf({ ...deployment, actions: ['no-op'] }, serving, service);
      expect(impact.services).toMatchObject([{ change: 'unchanged', losesCalls: false }]);
      // The plan is not empty, so it must not say that nothing changes.
      expect(impact.changedResources).toBe(1);
    });
  });

  it('loses calls if its Service stays but gets another address', () => {
    const exposedAs = (type: string, annotations = {}) => ({
      metadata: [{ annotations }],
      spec: [{ type, port: [{ port: 443 }] }],
      status: [{ load_balancer: [{ ingress: [{ ip: '20.1.2.3' }] }] }],
    });
    const before = exposedAs('LoadBalancer');
    const internal = { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' };
    const same = { ...deployment, actions: ['no-op'] };
    for (const after of [exposedAs('ClusterIP'), exposedAs('LoadBalancer', internal)]) {
      const impact = serviceOf(same, { ...service, actions: ['update'], before, after });
      expect(impact).toMatchObject({
        losesCalls: true,
        reason: 'callers reach it at another address; the former one is given up',
      });
      expect(changesOf(impact)).toEqual(['! address: 20.1.2.3 → known after the apply']);
    }
  });

  it('names the addresses that callers must have from now on', () => {
    const admitted = (...ranges: string[]) => ({ spec: [{ load_balancer_source_ranges: ranges }] });
    const impact = serviceOf(
      { ...deployment, actions: ['no-op'] },
      { ...service, actions: ['update'], before: admitted(), after: admitted('203.0.113.0/24') },
    );
    expect(changesOf(impact)).toEqual(['! admitted addresses: any → 203.0.113.0/24']);
  });

  it("is not any other Deployment, and not another service's part", () => {
    const strange = { ...deployment, after: { metadata: [{ labels: {} }] }, before: null };
    expect(impactOf(strange).services).toEqual([]);

    const other = { ...service, name: 'Other_Aks_Service_47CD8275', actions: ['delete', 'create'] };
    expect(serviceOf({ ...deployment, actions: ['no-op'] }, other)).toMatchObject({ change: 'unchanged' });
  });
});

describe('a service on FPGA machines', () => {
  const machines = (userData: string, instances = 2) => ({
    name: 'vmss-fpga',
    instances,
    user_data: userData,
    rolling_upgrade_policy: [{ max_batch_instance_percent: 50 }],
  });
  const scaleSet: Planned = {
    type: 'azurerm_linux_virtual_machine_scale_set',
    name: 'Service_Fpga_ScaleSet_38A7415E',
    actions: ['update'],
    before: machines('a'),
    after: machines('b'),
  };

  it('loses no call with two machines, and is down with one', () => {
    expect(serviceOf(scaleSet)).toMatchObject({
      name: 'vmss-fpga',
      platform: 'FPGA machines',
      losesCalls: false,
      rollout: '2 machines, 50 % at a time, with 5 minutes between',
    });
    expect(serviceOf({ ...scaleSet, before: machines('a', 1), after: machines('b', 1) })).toMatchObject({
      losesCalls: true,
      reason: 'the only machine is down while it takes over the change',
    });
  });

  it('loses no call with one machine either if only keys change', () => {
    const keys = {
      ...scaleSet,
      before: machines('a', 1),
      after: { ...machines('a', 1), user_data: undefined },
      unknown: { user_data: true },
    };
    const image = {
      type: 'azurerm_container_registry_task_schedule_run_now',
      name: 'Service_Image_Run_C22570A2',
    };

    expect(serviceOf(keys)).toMatchObject({
      losesCalls: false,
      reason: 'the running servers load the new keys',
    });
    expect(serviceOf(keys, { ...image, actions: ['delete', 'create'] })).toMatchObject({ losesCalls: true });
  });

  it('loses no call either if a key that is already in a vault has another version', () => {
    const configured = (version: string, image: string) =>
      machines(
        Buffer.from(
          JSON.stringify({ image, secrets: { keys: { primary: `https://v/secrets/p/${version}` } } }),
        ).toString('base64'),
        1,
      );
    const before = configured('1', 'scoring:1');

    const impact = serviceOf({ ...scaleSet, before, after: configured('2', 'scoring:1') });
    expect(impact).toMatchObject({ losesCalls: false, reason: 'the running servers load the new keys' });
    expect(changesOf(impact)).toContain('! keys: at least one of the two changes');
    expect(serviceOf({ ...scaleSet, before, after: configured('1', 'scoring:2') })).toMatchObject({
      losesCalls: true,
    });
  });

  it('loses calls if something between callers and machines is replaced, or the port changes', () => {
    const network = (type: string, id: string, before: unknown, after: unknown, actions: string[]) => ({
      type,
      name: `Service_Fpga_Network_${id}_646DD04F`,
      actions,
      before,
      after,
    });
    const same = { ...scaleSet, actions: ['no-op'], after: machines('a') };

    expect(
      serviceOf(same, network('azurerm_lb', 'LoadBalancer', {}, {}, ['delete', 'create'])),
    ).toMatchObject({
      losesCalls: true,
    });
    const rule = network('azurerm_lb_rule', 'Rule', { frontend_port: 80 }, { frontend_port: 443 }, [
      'update',
    ]);
    expect(changesOf(serviceOf(same, rule))).toEqual(['! port: 80 → 443']);
  });
});

describe('an online endpoint', () => {
  const type = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints';
  const endpoint: Planned = {
    type: 'azapi_resource',
    name: 'Endpoint_8024A810',
    actions: ['no-op'],
    before: { type: `${type}@2024-04-01`, name: 'digits' },
    after: { type: `${type}@2024-04-01`, name: 'digits' },
  };
  const blue = {
    type: `${type}/deployments@2024-04-01`,
    name: 'blue',
    parent_id: '/subscriptions/s/onlineEndpoints/digits',
  };
  const deployment: Planned = {
    type: 'azapi_resource',
    name: 'Blue_Deployment_D9DF8140',
    actions: ['update'],
    before: blue,
    after: blue,
  };
  const routed = (traffic: Record<string, number>) => ({
    type: `${type}@2024-04-01`,
    resource_id: '/subscriptions/s/onlineEndpoints/digits',
    body: { properties: { traffic } },
  });
  const traffic: Planned = {
    type: 'azapi_update_resource',
    name: 'Traffic_7FE7B69F',
    actions: ['update'],
    before: routed({ blue: 100, green: 0 }),
    after: routed({ blue: 90, green: 10 }),
  };

  it('loses no call if a deployment is updated or traffic moves, and says to where', () => {
    const impact = serviceOf(endpoint, deployment, traffic);

    expect(impact).toMatchObject({ name: 'digits', change: 'updated', losesCalls: false });
    expect(changesOf(impact)).toEqual([
      'deployment blue: updated',
      'traffic: blue 100 %, green 0 % → blue 90 %, green 10 %',
    ]);
  });

  it('loses calls if a deployment is replaced while it gets traffic', () => {
    const impact = serviceOf(endpoint, { ...deployment, actions: ['delete', 'create'] }, traffic);

    expect(impact).toMatchObject({
      losesCalls: true,
      reason: 'the deployment "blue" is deleted and created again while it gets 90 % of the calls',
    });
  });

  it('says what starts: the instances of deployments that are new or changed', () => {
    const sized = (name: string, capacity: number) => ({ ...blue, name, body: { sku: { capacity } } });
    const green = { ...deployment, name: 'Green_Deployment_1A2B3C4D', actions: ['create'] };
    const impact = serviceOf(
      endpoint,
      { ...deployment, before: sized('blue', 1), after: sized('blue', 2) },
      { ...green, before: null, after: sized('green', 1) },
    );

    expect(impact.rollout).toBe(
      'blue, 2 instances; green, 1 instance; each takes as long as its machine, its image and its model take to start',
    );
    expect(serviceOf(endpoint, { ...deployment, actions: ['no-op'] }, traffic).rollout).toBeUndefined();
  });

  it('loses calls while the endpoint is written, because that resets its traffic', () => {
    const impact = serviceOf(
      { ...endpoint, actions: ['update'] },
      { ...traffic, actions: ['delete', 'create'] },
    );

    expect(impact).toMatchObject({
      losesCalls: true,
      reason:
        'writing the endpoint resets its traffic, which is set again right after; calls fail in between',
    });
  });

  it('loses the callers on the Internet if they are shut out', () => {
    const access = (publicNetworkAccess: string) => ({
      ...(endpoint.before as object),
      body: { properties: { publicNetworkAccess } },
    });
    const closed = { ...endpoint, before: access('Enabled'), after: access('Disabled'), actions: ['update'] };

    expect(serviceOf(closed)).toMatchObject({
      losesCalls: true,
      reason: 'callers on the Internet no longer reach it',
    });
  });

  it('says that Azure deletes no deployment that gets calls', () => {
    const removed = { ...deployment, actions: ['delete'], after: null };

    expect(serviceOf(endpoint, removed, { ...traffic, after: routed({ green: 100 }) })).toMatchObject({
      losesCalls: false,
      reason:
        'the apply fails, because the deployment "blue" gets 100 % of the calls; set its share to 0 and apply, then remove it',
    });
    const idle = { ...traffic, before: routed({ blue: 0, green: 100 }), after: routed({ green: 100 }) };
    expect(serviceOf(endpoint, removed, idle).reason).toContain('deleted only when it gets no calls');
  });

  it('tells the model of a web service by the configuration of its server', () => {
    const serving = (version: string) => ({
      ...blue,
      body: {
        properties: {
          environmentVariables: {
            CDKTF_BRAINWAVE_CONFIGURATION: JSON.stringify({ model: { name: 'pets', version } }),
          },
        },
      },
    });
    const impact = serviceOf(endpoint, { ...deployment, before: serving('1'), after: serving('2') });

    expect(changesOf(impact)).toEqual(['deployment blue: updated', 'model: pets:1 → pets:2']);
  });

  it('gets another address and other keys if it is replaced', () => {
    const impact = serviceOf({ ...endpoint, actions: ['delete', 'create'], unknown: { output: true } });

    expect(impact).toMatchObject({ change: 'replaced', losesCalls: true });
    expect(changesOf(impact)).toContain('! keys: Azure creates new ones');
  });
});

describe('besides services', () => {
  it('says where a name points, and for how long callers may use the former address', () => {
    const record = (address: string) => ({
      name: 'scoring',
      zone_name: 'example.com',
      ttl: 300,
      records: [address],
    });
    const { names } = impactOf({
      type: 'azurerm_dns_a_record',
      name: 'Dns_A_5C3FB56C',
      actions: ['update'],
      before: record('20.1.2.3'),
      after: record('20.1.2.4'),
    });

    expect(names).toEqual([
      'scoring.example.com points to 20.1.2.4 instead of 20.1.2.3: callers may use the former address for 300 seconds',
    ]);
  });

  it('lists what is lost with resources that are deleted', () => {
    const { destroyed } = impactOf(
      { type: 'azurerm_storage_account', name: 'Workspace_Storage_21DB628F', actions: ['delete', 'create'] },
      { type: 'azurerm_storage_blob', name: 'Model_Blob_A6D63DF9', actions: ['delete'] },
    );

    expect(destroyed).toEqual([
      {
        address: 'azurerm_storage_account.Workspace_Storage_21DB628F',
        holds: 'all files in it',
        isReplaced: true,
      },
    ]);
  });

  it('tells a deposed object from the one that has replaced it', () => {
    const storage = { type: 'azurerm_storage_account', name: 'Workspace_Storage_21DB628F' };
    const { destroyed } = impactOf(
      { ...storage, actions: ['no-op'] },
      { ...storage, actions: ['delete'], deposed: '74f1fbd1' },
    );

    expect(destroyed).toEqual([
      {
        address: 'azurerm_storage_account.Workspace_Storage_21DB628F (deposed object 74f1fbd1)',
        holds: 'all files in it',
        isReplaced: false,
      },
    ]);
  });

  it('shows no sensitive value', () => {
    const secret = 'k3y-0f-4-c4ll3r';
    const impact = impactOf({
      type: 'azurerm_dns_a_record',
      name: 'Dns_A_5C3FB56C',
      actions: ['update'],
      before: { name: secret, zone_name: 'example.com', records: ['20.1.2.3'] },
      after: { name: secret, zone_name: 'example.com', records: [secret] },
      sensitive: { name: true, records: true },
    });

    expect(impact.names[0]).toContain('a sensitive value');
    expect(JSON.stringify(impact)).not.toContain(secret);
  });
});

describe('a service on Azure Container Apps', () => {
  interface Settings {
    readonly version?: string;
    readonly ingress?: object;
    readonly mode?: string;
    readonly template?: object;
  }
  const deployed = ({ version = '1', ingress = {}, mode = 'Single', template = {} }: Settings = {}) => ({
    name: 'pets',
    revision_mode: mode,
    ingress: [
      {
        external_enabled: true,
        transport: 'http2',
        exposed_port: 0,
        fqdn: 'pets.happy.azurecontainerapps.io',
        traffic_weight: [{ latest_revision: true, percentage: 100, revision_suffix: '' }],
        ...ingress,
      },
    ],
    template: [
      {
        max_replicas: 5,
        container: [
          { name: 'triton', image: 'triton:1' },
          {
            name: 'scoring',
            image: 'pets:1',
            env: [
              {
                name: 'CDKTF_BRAINWAVE_CONFIGURATION',
                value: JSON.stringify({ model: { name: 'cats', version } }),
              },
            ],
            startup_probe: [{ interval_seconds: 10, failure_count_threshold: 30 }],
          },
        ],
        ...template,
      },
    ],
  });
  const app: Planned = {
    type: 'azurerm_container_app',
    name: 'Service_ContainerApps_App_38A7415E',
    actions: ['update'],
    before: deployed(),
    after: deployed({ version: '2' }),
  };
  const after = (settings: Settings) => ({ ...app, after: deployed(settings) });

  it('loses no call to a new revision, and says how long that may take to start', () => {
    const impact = serviceOf(app);
    expect(impact).toMatchObject({
      name: 'pets',
      platform: 'Azure Container Apps',
      change: 'updated',
      losesCalls: false,
      reason: 'a new revision gets the calls once it is ready',
      rollout: 'one revision, up to 5 minutes until it is ready',
    });
    expect(changesOf(impact)).toEqual(['model: cats:1 → cats:2']);
    expect(serviceOf({ ...app, actions: ['no-op'], after: app.before })).toMatchObject({
      change: 'unchanged',
    });
  });

  it('starts no revision if its template stays as it is', () => {
    const impact = serviceOf(
      after({ ingress: { ip_security_restriction: [{ ip_address_range: '10.0.0.0/8' }] } }),
    );
    expect(impact).toMatchObject({
      losesCalls: false,
      reason: 'its replicas stay as they are',
      rollout: undefined,
    });
    expect(changesOf(impact)).toEqual(['! admitted addresses: any → 10.0.0.0/8']);
  });

  it('says which share of the calls a revision beside others gets, and how the shares change', () => {
    const split = (former: number, latest: number) => ({
      traffic_weight: [
        { latest_revision: false, percentage: former, revision_suffix: 'r12345678' },
        { latest_revision: true, percentage: latest, revision_suffix: '' },
      ],
    });
    const reason = (latest: number) => {
      const impact = serviceOf(
        after({ version: '2', mode: 'Multiple', ingress: split(100 - latest, latest) }),
      );
      expect(impact.losesCalls).toBe(false);
      return impact.reason;
    };
    expect(reason(0)).toBe(
      'a new revision starts beside the others, and gets no calls until you give it a share of them',
    );
    expect(reason(10)).toBe('a new revision starts beside the others, and gets 10 % of the calls');
    const shifted = serviceOf({
      ...app,
      before: deployed({ mode: 'Multiple', ingress: split(100, 0) }),
      after: deployed({ mode: 'Multiple', ingress: split(0, 100) }),
    });
    expect(shifted).toMatchObject({ losesCalls: false, reason: 'its replicas stay as they are' });
    expect(changesOf(shifted)).toEqual([
      'traffic: r12345678 100 %, the latest revision 0 % → r12345678 0 %, the latest revision 100 %',
    ]);
  });

  it('asks callers to follow keys, and only those', () => {
    const keys = { type: 'random_password', name: 'Service_ContainerApps_SecondaryKey_63E1D164' };
    const revision = (digest: string) => ({ triggers_replace: { keys: digest } });
    const replaced = { actions: ['delete', 'create'] };
    expect(changesOf(serviceOf({ ...app, after: app.before }, { ...keys, ...replaced }))).toEqual([
      '! secondary key: a new one is generated, and the former one is refused once the rollout is complete',
    ]);
    const trigger = { type: 'terraform_data', name: 'Service_ContainerApps_Revision_D22FEC0E', ...replaced };
    expect(
      changesOf(
        serviceOf({ ...app, after: app.before }, { ...trigger, before: revision('a'), after: revision('b') }),
      ),
    ).toEqual(['! keys: at least one of the two changes']);
  });

  it('loses calls if its address or its port changes', () => {
    const internal = serviceOf(after({ ingress: { external_enabled: false } }));
    expect(internal).toMatchObject({
      losesCalls: true,
      reason: 'only apps in its environment can call from now on, at another address',
    });
    expect(changesOf(internal)).toEqual([
      '! address: pets.happy.azurecontainerapps.io → known after the apply',
    ]);
    const tcp = serviceOf(after({ ingress: { transport: 'tcp', exposed_port: 8443 } }));
    expect(tcp).toMatchObject({
      losesCalls: true,
      reason: 'callers use another port; the former one is closed',
    });
    expect(changesOf(tcp)).toEqual(['! port: 443 → 8443']);
  });

  it('loses calls if the app is replaced, or its host name is removed', () => {
    const replaced = serviceOf({
      ...app,
      actions: ['delete', 'create'],
      after: { ...deployed(), name: 'cats' },
    });
    expect(replaced).toMatchObject({ change: 'replaced', losesCalls: true });
    expect(changesOf(replaced)).toEqual([
      '! address: pets.happy.azurecontainerapps.io → known after the apply',
    ]);
    const removed = serviceOf(app, {
      type: 'azurerm_container_app_custom_domain',
      name: 'Service_ContainerApps_Domain_CustomDomain_646DD04F',
      actions: ['delete'],
      before: { name: 'scoring.example.com' },
      after: null,
    });
    expect(removed).toMatchObject({
      losesCalls: true,
      reason: expect.stringContaining('host name that callers use') as string,
    });
    expect(changesOf(removed)).toContain('! host name: scoring.example.com → none');
  });
});
