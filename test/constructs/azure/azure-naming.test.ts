import { TerraformVariable, Testing, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import fc from 'fast-check';

import {
  ActionGroup,
  AzureNaming,
  BrainwaveWebservice,
  ContainerAppsCompute,
  ContainerAppsEnvironment,
  LocalWorkspace,
  ManagedPrometheus,
  Monitoring,
  NetworkIsolation,
  PrivateNetwork,
  RegisteredModel,
  ScoringCluster,
  SslSettings,
  Workspace,
  type AzureNamingProps,
} from '../../../constructs';
import { AZURE_NAMES, azureName, type AzureNameRule } from '../../../constructs/azure/azure-name';
import { resolved } from '../../../constructs/validation/synth-value';
import { acceleratedDefinition, declareService, image } from '../support/aks';
import { azureStack } from '../support/azure-stack';
import { declareFpgaService } from '../support/fpga';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const NAMES: AzureNamingProps = { workload: 'scoring', environment: 'prod', region: 'weu' };

describe('names by the Cloud Adoption Framework', () => {
  let project: TestProject;
  let stack: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    stack = azureStack(project);
  });

  afterEach(() => {
    project.leave();
  });

  /** Names of the resources of the stack, by their types. */
  function namesOf(json = new TerraformJson(stack)): ReadonlyMap<string, readonly unknown[]> {
    const names = new Map<string, unknown[]>();
    for (const [address, args] of json.resources) {
      const type = address.split('.')[0];
      names.set(type, [...(names.get(type) ?? []), args.name]);
    }
    return names;
  }

  it('start with the abbreviations of the resource types, for a service on AKS with its workspace and monitoring', () => {
    new AzureNaming(stack, 'Naming', NAMES);
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const cluster = new ScoringCluster(stack, 'Cluster', { workspace });
    const service = declareService(project, stack, { cluster });
    const { resourceGroupName } = cluster;
    new Monitoring(stack, 'Monitoring', {
      service,
      latencyBudgetMs: 250,
      prometheus: new ManagedPrometheus(stack, 'Prometheus', { cluster }),
      actionGroups: [new ActionGroup(stack, 'OnCall', { resourceGroupName, emails: ['me@example.com'] })],
    });
    const names = namesOf();

    expect(names.get('azapi_resource')).toEqual(['mlw-scoring-prod-weu']);
    expect(Object.fromEntries(names)).toMatchObject({
      azurerm_resource_group: ['rg-scoring-prod-weu'],
      azurerm_storage_account: ['stscoringprodweu'],
      azurerm_key_vault: ['kv-scoring-prod-weu'],
      azurerm_container_registry: ['crscoringprodweu'],
      azurerm_log_analytics_workspace: ['log-scoring-prod-weu'],
      azurerm_application_insights: ['appi-scoring-prod-weu'],
      azurerm_user_assigned_identity: ['id-scoring-workspace-prod-weu'],
      azurerm_kubernetes_cluster: ['aks-scoring-prod-weu'],
      azurerm_public_ip: [expect.stringMatching(/^pip-scoring-service-.*prod-weu$/)],
      azurerm_monitor_action_group: ['ag-scoring-on-call-prod-weu'],
      azurerm_monitor_data_collection_endpoint: ['dce-scoring-prometheus-prod-weu'],
      azurerm_monitor_data_collection_rule: ['dcr-scoring-prometheus-prod-weu'],
    });
  });

  it('apply to a private network and its endpoints, in a resource group that is not the workspace’s', () => {
    new AzureNaming(stack, 'Naming', { ...NAMES, instance: '001' });
    const network = new PrivateNetwork(stack, 'Network', { location: 'westeurope' });
    new Workspace(stack, 'Workspace', {
      location: 'westeurope',
      networkIsolation: NetworkIsolation.privateEndpoints({ network }),
    });
    const names = namesOf();

    expect(names.get('azurerm_resource_group')).toEqual(
      expect.arrayContaining(['rg-scoring-network-prod-weu-001', 'rg-scoring-prod-weu-001']),
    );
    expect(names.get('azurerm_virtual_network')).toEqual(['vnet-scoring-network-prod-weu-001']);
    expect(names.get('azurerm_network_security_group')).toEqual(['nsg-scoring-network-prod-weu-001']);
    expect(names.get('azurerm_nat_gateway')).toEqual(['ng-scoring-network-prod-weu-001']);
    const endpoints = names.get('azurerm_private_endpoint') ?? [];
    expect(new Set(endpoints).size).toBe(endpoints.length);
    for (const name of endpoints) {
      expect(name).toMatch(/^pep-scoring-workspace-.*prod-weu-001$/);
    }
  });

  it('apply to Container Apps, whose host name follows', () => {
    new AzureNaming(stack, 'Naming', NAMES);
    const environment = new ContainerAppsEnvironment(stack, 'Environment', {
      resourceGroupName: 'scoring',
      location: 'westeurope',
    });
    const service = new BrainwaveWebservice(stack, 'Service', {
      model: new RegisteredModel(stack, 'Model', {
        workspace: new LocalWorkspace(stack, 'Workspace'),
        name: 'pets',
        serviceDefinition: acceleratedDefinition(project),
      }),
      ssl: SslSettings.managed(),
      compute: new ContainerAppsCompute({ environment, image }),
    });
    const names = namesOf();

    expect(names.get('azurerm_container_app_environment')).toEqual(['cae-scoring-prod-weu']);
    expect(names.get('azurerm_container_app')).toEqual(['ca-scoring-service-prod-weu']);
    expect(resolved(stack, service.hostname ?? '')).toContain('"ca-scoring-service-prod-weu.${');
  });

  it('apply to FPGA machines and their load balancer', () => {
    new AzureNaming(stack, 'Naming', NAMES);
    declareFpgaService(project, stack);
    const names = namesOf();

    for (const [type, abbreviation] of [
      ['azurerm_linux_virtual_machine_scale_set', 'vmss'],
      ['azurerm_lb', 'lbe'],
      ['azurerm_public_ip', 'pip'],
      ['azurerm_virtual_network', 'vnet'],
      ['azurerm_subnet', 'snet'],
      ['azurerm_network_security_group', 'nsg'],
    ]) {
      expect(names.get(type)).toEqual([
        expect.stringMatching(new RegExp(`^${abbreviation}-scoring-service-fpga-.*prod-weu$`)),
      ]);
    }
  });

  it('give way to a name that is set, and to those of an inner scope', () => {
    new AzureNaming(stack, 'Naming', NAMES);
    const america = new Construct(stack, 'America');
    new AzureNaming(america, 'Naming', { ...NAMES, region: 'eus' });
    new ScoringCluster(stack, 'Europe', { resourceGroupName: 'g', location: 'westeurope' });
    new ScoringCluster(america, 'Cluster', { resourceGroupName: 'g', location: 'eastus' });
    new ScoringCluster(stack, 'Own', { resourceGroupName: 'g', location: 'eastus', clusterName: 'own' });

    expect([...(namesOf().get('azurerm_kubernetes_cluster') ?? [])].sort()).toEqual([
      'aks-scoring-prod-eus',
      'aks-scoring-prod-weu',
      'own',
    ]);
  });

  it('are rejected if two resources would have the same', () => {
    new AzureNaming(stack, 'Naming', NAMES);
    const cluster = (id: string) =>
      new ScoringCluster(stack, id, { resourceGroupName: 'g', location: 'westeurope' });
    cluster('Blue');

    expect(refusal(() => cluster('Green'))).toBe(
      'stack/Green: the name of a Kubernetes cluster would be "aks-scoring-prod-weu", as in stack/Blue; set the name of one of ' +
        'them, or declare one in a scope with an AzureNaming of its own',
    );
  });

  it('are rejected if they are too long, which the parts cannot show', () => {
    new AzureNaming(stack, 'Naming', { ...NAMES, workload: 'plant-diseases', region: 'westeurope' });

    expect(refusal(() => new Workspace(stack, 'Workspace', { location: 'westeurope' }))).toBe(
      'stack/Workspace: the name of a storage account would be "stplantdiseasesprodwesteurope" (29 characters), expected 3 to 24 ' +
        'lowercase letters and digits; shorten the workload, environment or region of stack/Naming, or set the name',
    );
  });

  it.each<[string, Partial<AzureNamingProps>, string]>([
    ['a workload in upper case', { workload: 'Scoring' }, 'workload is "Scoring"'],
    ['the display name of a region', { region: 'West Europe' }, 'region is "West Europe"'],
    ['an empty instance', { instance: '' }, 'instance is ""'],
  ])('reject %s', (_, props, finding) => {
    expect(refusal(() => new AzureNaming(stack, 'Naming', { ...NAMES, ...props }))).toBe(
      `stack/Naming: ${finding}; expected lowercase letters, digits and single "-" between them, such as scoring or weu`,
    );
  });

  it('reject a part that is only known at apply', () => {
    const { stringValue } = new TerraformVariable(stack, 'stage', { type: 'string' });
    expect(refusal(() => new AzureNaming(stack, 'Naming', { ...NAMES, environment: stringValue }))).toContain(
      'stack/Naming: environment is a token',
    );
  });

  it('reject a declaration that would come too late, or twice', () => {
    const inner = new Construct(stack, 'Inner');
    new Workspace(inner, 'Workspace', { location: 'westeurope' });
    expect(refusal(() => new AzureNaming(inner, 'Naming', NAMES))).toBe(
      'stack/Inner/Naming: stack/Inner/Workspace/ResourceGroup already has a name, because it is declared before; declare ' +
        'AzureNaming first in its scope',
    );
    const other = new Construct(stack, 'Other');
    new AzureNaming(other, 'Naming', NAMES);
    expect(refusal(() => new AzureNaming(other, 'Again', NAMES))).toBe(
      'stack/Other/Again: the scope already has stack/Other/Naming; remove one of them',
    );
  });
});

const several = Object.entries<AzureNameRule>(AZURE_NAMES).filter(
  ([, { abbreviation, perWorkload }]) => abbreviation !== undefined && perWorkload !== true,
);

it.each(several)('the name of %s is valid in Azure for any construct id and any parts', (_, rule) => {
  const part = fc.stringMatching(/^[a-z0-9]{1,20}(-[a-z0-9]{1,20})?$/);
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 100 }),
      part,
      part,
      part,
      (id, workload, environment, region) => {
        const stack = new TerraformStack(Testing.app(), 'stack');
        new AzureNaming(stack, 'Naming', { workload, environment, region });
        const name = azureName(new Construct(stack, `1${id.replaceAll('/', '-')}`), rule);
        expect(name).toMatch(rule.pattern);
        expect(name.length).toBeLessThanOrEqual(rule.maxLength);
        expect(name.startsWith(rule.abbreviation ?? '?')).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});
