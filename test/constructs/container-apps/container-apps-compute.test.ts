import { Token, TerraformVariable, type TerraformStack } from 'cdktf';

import {
  ApiKeys,
  BrainwaveWebservice,
  ContainerAppsCompute,
  ContainerAppsEnvironment,
  ContainerAppsIngress,
  ContainerAppsService,
  DnsRecords,
  DnsZone,
  Environment,
  LocalWorkspace,
  ModelServer,
  ModelServerProtocol,
  RegisteredModel,
  RevisionTraffic,
  Sample,
  SmokeTest,
  SslSettings,
  WorkloadProfile,
  Workspace,
  type BrainwaveWebserviceProps,
  type ContainerAppsComputeProps,
  type ContainerAppsEnvironmentProps,
  type IContainerAppsEnvironment,
} from '../../../constructs';
import { serveConfigurationSchema } from '../../../lib/contract/serve-configuration';
import { expectValidAzapiBodies } from '../../support/azapi-schemas';
import { acceleratedDefinition, image, REGISTRY_ID } from '../support/aks';
import { azureStack } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const VAULT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/certificates';
const SUBNET = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/n/subnets/apps';

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly secret_name?: string;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly cpu: number;
  readonly memory: string;
  readonly env?: readonly Variable[];
  readonly startup_probe?: unknown;
  readonly volume_mounts?: unknown;
}

interface App {
  readonly name: string;
  readonly revision_mode: string;
  readonly workload_profile_name: string;
  readonly secret: readonly Readonly<Record<string, string>>[];
  readonly registry: readonly unknown[];
  readonly identity: unknown;
  readonly depends_on: readonly string[];
  readonly ingress: Readonly<Record<string, unknown>> & { readonly traffic_weight: readonly unknown[] };
  readonly template: Readonly<Record<string, unknown>> & {
    readonly container: readonly Container[];
    readonly init_container?: readonly Container[];
  };
}

describe('a web service on Azure Container Apps', () => {
  let project: TestProject;
  let stack: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    stack = azureStack(project);
  });

  afterEach(() => {
    project.leave();
  });

  const environmentOf = (props: Partial<ContainerAppsEnvironmentProps> = {}) =>
    new ContainerAppsEnvironment(stack, 'Environment', {
      resourceGroupName: 'scoring',
      location: 'westeurope',
      ...props,
    });

  function declare(
    compute: Partial<ContainerAppsComputeProps> = {},
    service: Partial<BrainwaveWebserviceProps> = {},
    environment: IContainerAppsEnvironment = environmentOf(),
  ): BrainwaveWebservice {
    const model = new RegisteredModel(stack, 'Model', {
      workspace: new LocalWorkspace(stack, 'Workspace'),
      name: 'pets',
      serviceDefinition: acceleratedDefinition(project),
    });
    return new BrainwaveWebservice(stack, 'Service', {
      model,
      ssl: SslSettings.managed(),
      compute: new ContainerAppsCompute({ environment, image, ...compute }),
      ...service,
    });
  }

  const json = () => new TerraformJson(stack);
  const app = () => json().only('azurerm_container_app') as unknown as App;
  const scoring = () => app().template.container.find(({ name }) => name === 'scoring');
  const variable = (name: string) => scoring()?.env?.find((each) => each.name === name);
  const configuration = () =>
    serveConfigurationSchema.parse(JSON.parse(variable('CDKTF_BRAINWAVE_CONFIGURATION')?.value ?? ''));

  it('is behind HTTP/2 ingress, and its server checks keys behind a proxy that terminates TLS', () => {
    declare();
    expect(app().ingress).toMatchObject({
      transport: 'http2',
      external_enabled: true,
      allow_insecure_connections: false,
      target_port: 50_051,
      traffic_weight: [{ latest_revision: true, percentage: 100 }],
    });
    expect(configuration()).toMatchObject({
      host: '0.0.0.0',
      port: 50_051,
      healthPort: 8081,
      tlsTerminatedByProxy: true,
      secretsFromEnvironment: ['keys'],
    });
    expect(variable('CDKTF_BRAINWAVE_PRIMARY_KEY')).toEqual({
      name: 'CDKTF_BRAINWAVE_PRIMARY_KEY',
      secret_name: 'primary-key',
    });
    expect(json().cycle).toEqual([]);
  });

  it('pulls its image with an identity of its own, before which the app is not created', () => {
    declare();
    expect(json().only('azurerm_role_assignment')).toMatchObject({
      scope: REGISTRY_ID,
      role_definition_name: 'AcrPull',
    });
    const [registry] = app().registry;
    expect(registry).toMatchObject({ server: 'scoring.azurecr.io' });
    expect(app().identity).toMatchObject({ type: 'UserAssigned' });
    expect(app().depends_on).toContainEqual(expect.stringMatching(/^azurerm_role_assignment\./));
  });

  it('is probed over HTTP on the health port, for as long as the model may take to load', () => {
    declare();
    expect(scoring()).toMatchObject({
      startup_probe: [
        { path: '/readyz', port: 8081, transport: 'HTTP', interval_seconds: 10, failure_count_threshold: 30 },
      ],
      readiness_probe: [{ path: '/readyz', port: 8081 }],
      liveness_probe: [{ path: '/livez', port: 8081 }],
    });
  });

  it('has the number of replicas of the service, unless it scales', () => {
    declare({}, { replicas: 2 });
    expect(app().template).toMatchObject({ min_replicas: 2, max_replicas: 2 });
    expect(app().template).not.toHaveProperty('http_scale_rule');
  });

  it('scales from zero by concurrent requests', () => {
    declare({ scaling: { minReplicas: 0, maxReplicas: 5, concurrentRequests: 8 } });
    expect(app().template).toMatchObject({
      min_replicas: 0,
      max_replicas: 5,
      http_scale_rule: [{ name: 'concurrent-requests', concurrent_requests: '8' }],
    });
  });

  it('is called at the host name that Azure gives to it, without DNS records', () => {
    const service = declare();
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    const [, test] = json().steps('SmokeTest/Run');
    const { target } = (test.specification as { test: { target: Record<string, unknown> } }).test;
    expect(target).toMatchObject({ protocol: 'grpc', port: 443, plaintext: false });
    expect(String(target.host)).toMatch(
      /^stack-service\..*azurerm_container_app_environment.*default_domain/,
    );
    expect(target).not.toHaveProperty('connectTo');
    expect(target).not.toHaveProperty('serverName');
    expect(json().all('azurerm_container_app_custom_domain')).toEqual([]);
  });

  it('gets a certificate for its own host name from Azure once its DNS records exist', () => {
    const service = declare({}, { ssl: SslSettings.managed({ hostname: 'scoring.example.com' }) });
    const zone = DnsZone.fromDnsZoneAttributes(stack, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
    });
    new DnsRecords(stack, 'Dns', { zone, service });
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    const all = json();
    expect(all.only('azurerm_dns_cname_record')).toMatchObject({ name: 'scoring' });
    expect(all.only('azurerm_dns_txt_record')).toMatchObject({ name: 'asuid.scoring' });
    const domain = all.only('azurerm_container_app_custom_domain');
    expect(domain).toMatchObject({ name: 'scoring.example.com' });
    expect(domain.depends_on).toEqual([
      expect.stringMatching(/^azurerm_dns_cname_record\./),
      expect.stringMatching(/^azurerm_dns_txt_record\./),
    ]);
    const certificate = all.only('azapi_resource');
    expectValidAzapiBodies(all.json);
    expect(certificate).toMatchObject({
      body: { properties: { subjectName: 'scoring.example.com', domainControlValidation: 'CNAME' } },
      depends_on: [expect.stringMatching(/^azurerm_container_app_custom_domain\./)],
    });
    const [binding, release] = ['apply', 'destroy'].map((when) =>
      all.all('azapi_resource_action').find((each) => (each.when ?? 'apply') === when),
    );
    expect(JSON.stringify(binding?.body)).toMatch(
      /"bindingType":"SniEnabled","certificateId":"\$\{azapi_resource/,
    );
    // Destroyed first, so that Azure lets the certificate go.
    expect(release?.depends_on).toContainEqual(expect.stringMatching(/^azapi_resource\./));
    expect(binding?.depends_on).toContainEqual(expect.stringMatching(/^azapi_resource_action\./));
    expect(JSON.stringify(all.all('terraform_data'))).toContain('scoring.example.com');
    expect(all.cycle).toEqual([]);
  });

  it('takes its own certificate from a key vault, with an identity of the environment', () => {
    declare(
      {},
      {
        ssl: SslSettings.fromKeyVaultCertificate({
          keyVaultId: VAULT,
          certificateName: 'scoring',
          hostname: 'scoring.example.com',
        }),
      },
    );
    const all = json();
    expect(all.only('azurerm_container_app_environment')).toMatchObject({
      identity: { type: 'UserAssigned' },
    });
    expect(all.only('azurerm_container_app_environment_certificate')).toMatchObject({
      certificate_key_vault: {
        key_vault_secret_id: 'https://certificates.vault.azure.net/secrets/scoring',
      },
    });
    expect(all.all('azurerm_role_assignment')).toContainEqual(
      expect.objectContaining({
        scope: `${VAULT}/secrets/scoring`,
        role_definition_name: 'Key Vault Secrets User',
      }),
    );
    expect(all.all('azapi_resource')).toEqual([]);
  });

  it('binds a changed certificate in place: the next one exists before the former one is destroyed', () => {
    const secret = { type: 'string', sensitive: true, nullable: false };
    declare(
      {},
      {
        ssl: SslSettings.fromVariables({
          certificate: new TerraformVariable(stack, 'certificate', secret),
          privateKey: new TerraformVariable(stack, 'private_key', secret),
          hostname: 'scoring.example.com',
        }),
      },
    );
    const certificate = json().only('azurerm_container_app_environment_certificate');
    expect(certificate).toMatchObject({ lifecycle: { create_before_destroy: true } });
    expect(String(certificate.name)).toMatch(/^scoring-example-com-\$\{nonsensitive\(substr\(sha256/);
  });

  it('leaves keys in the key vault in which they are', () => {
    declare({}, { keys: ApiKeys.fromKeyVaultSecrets({ keyVaultId: VAULT }) });
    const { secret } = app();
    expect(secret.map(({ name }) => name)).toEqual(['primary-key', 'secondary-key']);
    for (const each of secret) {
      expect(each).not.toHaveProperty('value');
      expect(each.key_vault_secret_id).toMatch(/secretUriWithVersion/);
      expect(each.identity).toMatch(/azurerm_user_assigned_identity/);
    }
    const roles = json()
      .all('azurerm_role_assignment')
      .map(({ role_definition_name: role }) => role);
    expect(roles.filter((role) => role === 'Key Vault Secrets User')).toHaveLength(2);
  });

  it('restarts with every key: what the replicas run contains no digest of one', () => {
    declare();
    expect(json().all('terraform_data')).toContainEqual(
      expect.objectContaining({
        triggers_replace: expect.objectContaining({
          keys: expect.stringContaining('sha256') as string,
        }) as unknown,
      }),
    );
    expect(JSON.stringify(app().template)).not.toContain('sha256');
    expect(variable('CDKTF_BRAINWAVE_REVISION')?.value).toMatch(/^\$\{terraform_data\..*\.id\}$/);
  });

  it('keeps several revisions, of which the shares say who gets the calls', () => {
    declare({
      traffic: RevisionTraffic.split([
        { revisionSuffix: 'r12345678', percent: 100, label: 'live' },
        { percent: 0, label: 'candidate' },
      ]),
    });
    expect(app()).toMatchObject({
      revision_mode: 'Multiple',
      ingress: {
        traffic_weight: [
          { revision_suffix: 'r12345678', percentage: 100, label: 'live' },
          { latest_revision: true, percentage: 0, label: 'candidate' },
        ],
      },
    });
  });

  describe('of which the stack deploys a revision beside the one that serves', () => {
    const declareShare = (percent: number, label?: string, ingress?: ContainerAppsIngress) => {
      const service = declare({
        ingress,
        traffic: RevisionTraffic.split([
          { revisionSuffix: 'r12345678', percent: 100 - percent, label: 'live' },
          { percent, label },
        ]),
      });
      new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
      const [, test] = json().steps('SmokeTest/Run');
      return (test.specification as { test: { target: Record<string, unknown> } }).test.target;
    };

    it('is tested at the address of its label, at which callers do not reach it yet', () => {
      const { host, port, ...others } = declareShare(0, 'candidate');
      expect(json().steps('SmokeTest/Run')[1].specification).toMatchObject({ callers: 'share' });
      expect(host).toMatch(/^stack-service---candidate\..*azurerm_container_app_environment.*default_domain/);
      expect(port).toBe(443);
      expect(others).toMatchObject({ protocol: 'grpc', plaintext: false });
      expect(others).not.toHaveProperty('serverName');
      expect(json().warnings).toEqual([]);
    });

    it('is tested inside its environment at an internal address', () => {
      const ingress = ContainerAppsIngress.http2({ limitToEnvironment: true });
      expect(declareShare(10, 'candidate', ingress).host).toMatch(/^stack-service---candidate\.internal\./);
    });

    it('is tested at the address of the service once it gets all calls', () => {
      expect(declareShare(100, 'candidate').host).toMatch(/^stack-service\./);
    });

    it('warns that a test may never reach it without a label', () => {
      declareShare(10);
      expect(json().warnings).toEqual([
        'stack/Service/ContainerApps: the deployed revision gets 10 % of the calls, so a smoke test may never reach it; ' +
          'set a label for its share, which gives it an address of its own',
      ]);
    });
  });

  it('runs Triton first on a GPU profile, because Azure gives the GPU to the first container', () => {
    const environment = environmentOf({ workloadProfiles: [WorkloadProfile.gpuT4()] });
    declare({ workloadProfile: WorkloadProfile.gpuT4() }, {}, environment);
    const { template, workload_profile_name: profile } = app();
    expect(profile).toBe('gpu-t4');
    expect(template.container.map(({ name, cpu, memory }) => [name, cpu, memory])).toEqual([
      ['triton', 6, '52Gi'],
      ['scoring', 2, '4Gi'],
    ]);
    expect(template.init_container).toMatchObject([
      { args: ['triton-repository', '--model', expect.anything(), '--output', '/models'] },
    ]);
    expect(template.volume).toEqual([{ name: 'model-repository', storage_type: 'EmptyDir' }]);
    expect(json().only('azurerm_container_app_environment')).toMatchObject({
      workload_profile: [
        { name: 'Consumption', workload_profile_type: 'Consumption' },
        { name: 'gpu-t4', workload_profile_type: 'Consumption-GPU-NC8as-T4' },
      ],
    });
  });

  it('terminates TLS in the server behind TCP ingress, with the certificate of a vault', () => {
    const service = declare(
      { ingress: ContainerAppsIngress.tcp() },
      {
        ssl: SslSettings.fromKeyVaultCertificate({
          keyVaultId: VAULT,
          certificateName: 'scoring',
          hostname: 'scoring.example.com',
        }),
      },
      environmentOf({ subnetId: SUBNET }),
    );
    expect(service.endpoint).toMatchObject({ port: 8443, hostname: 'scoring.example.com' });
    expect(app().ingress).toMatchObject({ transport: 'tcp', exposed_port: 8443 });
    expect(configuration()).toMatchObject({ secretsFromEnvironment: ['certificate', 'keys'] });
    expect(configuration().tlsTerminatedByProxy).toBeUndefined();
    expect(app().secret).toContainEqual(
      expect.objectContaining({
        name: 'certificate',
        key_vault_secret_id: 'https://certificates.vault.azure.net/secrets/scoring',
      }),
    );
    expect(json().all('azurerm_container_app_custom_domain')).toEqual([]);
  });

  it('can be called from its environment alone, or from address ranges alone', () => {
    const service = declare({
      ingress: ContainerAppsIngress.http2({
        limitToEnvironment: true,
        allowedSourceRanges: ['203.0.113.0/24'],
      }),
    });
    expect(app().ingress).toMatchObject({
      external_enabled: false,
      ip_security_restriction: [{ name: 'range-1', action: 'Allow', ip_address_range: '203.0.113.0/24' }],
    });
    const { address } = service.endpoint;
    expect(Token.isUnresolved(address)).toBe(true);
    expect(address).toMatch(/^stack-service\.internal\./);
  });

  it('is found by its web service', () => {
    const service = declare();
    expect(ContainerAppsService.of(service).app.nameInput).toBe('stack-service');
    expect(refusal(() => ContainerAppsService.of(stack))).toBe(
      'stack: the service does not run on Azure Container Apps; pass a service whose compute is ContainerAppsCompute',
    );
  });

  const tcp = (...options: Parameters<typeof ContainerAppsIngress.tcp>) =>
    ContainerAppsIngress.tcp(...options);
  const ownCertificate = SslSettings.fromKeyVaultCertificate({
    keyVaultId: VAULT,
    certificateName: 'scoring',
    hostname: 'scoring.example.com',
  });
  const big = ModelServer.custom({
    image: 'registry.example.com/model-server:1',
    protocol: ModelServerProtocol.KSERVE_V2,
    port: 9000,
    resources: { cpuCores: 3, memoryMiB: 8192 },
  });

  it.each<[string, Partial<ContainerAppsComputeProps>, Partial<BrainwaveWebserviceProps>, string]>([
    [
      'without TLS',
      {},
      { ssl: SslSettings.disabled() },
      'TLS is disabled, but the ingress of Azure Container Apps always has a certificate; set ssl: SslSettings.managed()',
    ],
    [
      'a self-signed certificate',
      {},
      { ssl: SslSettings.selfSigned({ hostname: 'scoring.example.com' }) },
      'SslSettings.selfSigned is supported only by LocalCompute',
    ],
    [
      'TCP ingress from outside without a network',
      { ingress: tcp() },
      { ssl: ownCertificate },
      'the environment stack/Environment has no virtual network, which TCP ingress from outside requires; set subnetId of the ' +
        'environment, use ContainerAppsIngress.http2(), or set limitToEnvironment: true',
    ],
    [
      'a port that Azure reserves',
      { ingress: tcp({ port: 443, limitToEnvironment: true }) },
      { ssl: ownCertificate },
      'port is 443, which Azure Container Apps reserves for HTTP; set another port, such as 8443',
    ],
    [
      'a certificate of the ingress behind TCP ingress',
      { ingress: tcp({ limitToEnvironment: true }) },
      {},
      'SslSettings.managed() is a certificate of the ingress, but with ContainerAppsIngress.tcp() the server terminates TLS; use ' +
        'fromKeyVaultCertificate, fromVariables or fromPemFiles, or ContainerAppsIngress.http2()',
    ],
    [
      'a profile that the environment lacks',
      { workloadProfile: WorkloadProfile.gpuT4() },
      {},
      'stack/Service: the environment stack/Environment has no workload profile "gpu-t4", only Consumption; add it to its ' +
        'workloadProfiles',
    ],
    [
      'more than a replica may have',
      { modelServer: big },
      {},
      'the scoring server and the model server would have 5 cores and 12 GiB, but a replica on the profile "Consumption" has at most 4 ' +
        'cores and 8 GiB; set resources of the compute and of its model server',
    ],
    [
      'another ratio on the Consumption profile',
      { resources: { cpuCores: 1, memoryGiB: 4 } },
      {},
      'the scoring server would have 1 cores and 4 GiB, but the Consumption profile gives quarters of cores, and 2 GiB for each core; ' +
        'set resources',
    ],
    [
      'fewer replicas at most than at least',
      { scaling: { minReplicas: 3, maxReplicas: 2 } },
      {},
      'scaling.maxReplicas is 2; expected a whole number from 3 to 1000',
    ],
    [
      'percentages that do not add up',
      { traffic: RevisionTraffic.split([{ percent: 90 }]) },
      {},
      'the percentages of the revisions add up to 90; expected 100',
    ],
    [
      'shares that leave out what is deployed',
      { traffic: RevisionTraffic.split([{ percent: 100, revisionSuffix: 'r1' }]) },
      {},
      'exactly one share must be for the revision that this stack deploys; omit revisionSuffix of that share, and set it for the others',
    ],
    [
      'something else than an address range',
      { ingress: ContainerAppsIngress.http2({ allowedSourceRanges: ['Internet'] }) },
      {},
      'allowedSourceRanges contains "Internet"; expected IPv4 CIDRs, such as 203.0.113.0/24',
    ],
  ])('rejects %s', (_, compute, service, message) => {
    expect(refusal(() => declare(compute, service))).toContain(message);
  });
});

describe('an environment of Azure Container Apps', () => {
  let project: TestProject;
  let stack: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    stack = azureStack(project);
  });

  afterEach(() => {
    project.leave();
  });

  const declare = (props: Partial<ContainerAppsEnvironmentProps> = {}) =>
    new ContainerAppsEnvironment(stack, 'Environment', {
      resourceGroupName: 'scoring',
      location: 'westeurope',
      ...props,
    });

  it('logs to a Log Analytics workspace: a new one, or the one that is set', () => {
    declare();
    const json = new TerraformJson(stack);
    expect(json.all('azurerm_log_analytics_workspace')).toHaveLength(1);
    expect(json.only('azurerm_container_app_environment')).toMatchObject({
      logs_destination: 'log-analytics',
      log_analytics_workspace_id: expect.stringContaining('azurerm_log_analytics_workspace') as string,
    });
  });

  it('is internal in a network of the user', () => {
    declare({ subnetId: SUBNET, internal: true, zoneRedundant: true });
    expect(new TerraformJson(stack).only('azurerm_container_app_environment')).toMatchObject({
      infrastructure_subnet_id: SUBNET,
      internal_load_balancer_enabled: true,
      zone_redundancy_enabled: true,
    });
  });

  it('spreads over the zones of the workspace’s environment, if it is in a network of the user', () => {
    const workspace = new Workspace(stack, 'Workspace', {
      location: 'westeurope',
      environment: Environment.production({ zones: ['1', '2', '3'] }),
    });
    new ContainerAppsEnvironment(stack, 'Spread', { workspace, subnetId: SUBNET });
    new ContainerAppsEnvironment(stack, 'Single', { workspace, subnetId: SUBNET, zoneRedundant: false });
    new ContainerAppsEnvironment(stack, 'Azure', { workspace });
    const json = new TerraformJson(stack);
    const type = 'azurerm_container_app_environment';
    expect(json.at(type, 'Spread/Environment')).toMatchObject({ zone_redundancy_enabled: true });
    expect(json.at(type, 'Single/Environment')).not.toHaveProperty('zone_redundancy_enabled');
    expect(json.at(type, 'Azure/Environment')).not.toHaveProperty('zone_redundancy_enabled');
  });

  it.each<[string, Partial<ContainerAppsEnvironmentProps>, string]>([
    [
      'an internal one without a network',
      { internal: true },
      'stack/Environment: internal is true, which requires a virtual network; set subnetId to a subnet that is delegated to ' +
        'Microsoft.App/environments',
    ],
    [
      'a profile twice',
      { workloadProfiles: [WorkloadProfile.consumption()] },
      'stack/Environment: workloadProfiles contains "Consumption" twice, because every environment has it; remove one of them',
    ],
    [
      'unknown machines',
      { workloadProfiles: [WorkloadProfile.dedicated('D5')] },
      'stack/Environment: the type of a dedicated workload profile is "D5"; expected D4, D8, D16, D32, E4, E8, E16 or E32',
    ],
    [
      'a maximum below the minimum',
      { workloadProfiles: [WorkloadProfile.dedicated('D4', { minimumCount: 3, maximumCount: 2 })] },
      'stack/Environment: maximumCount of the workload profile "d4" is 2; expected a whole number of at least 3',
    ],
    [
      'no region',
      { location: undefined },
      'stack/Environment: location is missing; set it, or set workspace to a workspace on Azure',
    ],
  ])('rejects %s', (_, props, message) => {
    expect(refusal(() => declare(props))).toBe(message);
  });

  it('that is imported says what its attributes lack', () => {
    const imported = ContainerAppsEnvironment.fromContainerAppsEnvironmentAttributes(stack, 'Environment', {
      environmentId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.App/managedEnvironments/e',
      resourceGroupName: 'g',
      location: 'westeurope',
      defaultDomain: 'happy.westeurope.azurecontainerapps.io',
    });
    expect(refusal(() => imported.domainVerificationId)).toContain(
      'stack/Environment: domainVerificationId is missing',
    );
    expect(refusal(() => imported.certificateIdentity())).toContain(
      'stack/Environment: certificateIdentity is missing',
    );
  });
});
