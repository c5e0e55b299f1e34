import { readFileSync } from 'node:fs';
import path from 'node:path';

import { TerraformVariable, type TerraformStack } from 'cdktf';

import {
  ActionGroup,
  AlertSeverity,
  BrainwaveWebservice,
  ManagedPrometheus,
  Metric,
  Monitoring,
  MetricUnit,
  PrometheusOperator,
  ScoringCluster,
  type IWebservice,
  type MonitoringProps,
} from '../../../constructs';
import { FakeWebservice } from '../../../constructs/testing';
import { METRICS } from '../../../lib/contract/metrics';
import { anchorsOf } from '../../support/markdown';
import { azureStack, declareCluster, declareService } from '../support/aks';
import { azureStack as stackWithAzapi } from '../support/azure-stack';
import { declareFpgaService } from '../support/fpga';
import { declareKubernetesService } from '../support/kubernetes';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const project = new TestProject();
afterAll(() => {
  project.leave();
});

/** What whoever is on call reads. */
const operatePage = readFileSync(path.resolve(__dirname, '../../../docs/operate.md'), 'utf8');

const ACTION_GROUP = { id: '/subscriptions/s/resourceGroups/scoring/oncall', name: 'oncall' };

function stackOf(name: string): TerraformStack {
  return project.stack(name);
}

function fake(name: string): { stack: TerraformStack; service: IWebservice } {
  const stack = stackOf(name);
  return { stack, service: new FakeWebservice(stack, 'Service') };
}

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly for: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

function rulesOf(monitoring: Monitoring): RuleFile['groups'][number]['rules'] {
  return (JSON.parse(monitoring.rules) as RuleFile).groups.flatMap(({ rules }) => rules);
}

describe('the metrics of a service', () => {
  it('select a service on Kubernetes by the label of its pods', () => {
    const service = declareKubernetesService(project, stackOf('selected'));
    expect(service.metricRequests().expression).toBe(
      'sum(rate(brainwave_requests_total{app_kubernetes_io_instance="selected-service"}[5m]))',
    );
    expect(service.metricReplicasNotReady().expression).toBe(
      'sum(kube_deployment_spec_replicas{namespace="selected-service",deployment=~"selected-service-[0-9a-f]{8}"}) - ' +
        'sum(kube_deployment_status_replicas_available{namespace="selected-service",deployment=~"selected-service-[0-9a-f]{8}"})',
    );
  });

  it('have labels, a window and a percentile of their own', () => {
    const { service } = fake('options');
    const metric = service.metricLatency({ labels: { job: 'a "b"' }, window: '1h', percentile: 99.9 });
    expect(metric).toBeInstanceOf(Metric);
    expect(metric).toMatchObject({
      title: 'Latency, p99.9',
      unit: MetricUnit.SECONDS,
      expression:
        'histogram_quantile(0.999, sum by (le) (rate(brainwave_request_duration_seconds_bucket{job="a \\"b\\""}[1h])))',
    });
  });

  it('select an imported service by the labels that its owner knows', () => {
    const stack = stackOf('imported');
    const service = BrainwaveWebservice.fromWebserviceAttributes(stack, 'Service', {
      ipAddress: '203.0.113.9',
      metricLabels: { job: 'scoring' },
    });
    expect(service.metricReplicas().expression).toBe(
      'count(brainwave_model_info{job="scoring"}) or vector(0)',
    );
  });

  it('reject what Prometheus would not understand', () => {
    const { service } = fake('rejected');
    expect(refusal(() => service.metricRequests({ window: '5 minutes' }))).toBe(
      'rejected/Service: window is "5 minutes"; expected a Prometheus duration, such as 5m, or a variable of Grafana, ' +
        'such as $__rate_interval',
    );
    expect(refusal(() => service.metricLatency({ percentile: 100 }))).toBe(
      'rejected/Service: percentile is 100; expected a number greater than 0 and less than 100',
    );
    expect(refusal(() => service.metricRequests({ labels: { 'app.kubernetes.io/instance': 'a' } }))).toBe(
      'rejected/Service: labels contains "app.kubernetes.io/instance"; expected names of letters, digits and "_", ' +
        'not starting with a digit',
    );
    expect(refusal(() => service.metricReplicasNotReady())).toBe(
      "rejected/Service: the labels of its targets in Prometheus are unknown; set labels, such as { job: 'scoring' }",
    );
    expect(refusal(() => service.metricRequests({ windw: '1m' } as never))).toBe(
      'rejected/Service: unknown property windw; did you mean window?',
    );
  });
});

describe('Monitoring', () => {
  it('every alert has a section in the page that says what to do, to which it links', () => {
    const { stack, service } = fake('links');
    const runbookUrl = 'https://wiki.example.com/scoring';
    const rules = rulesOf(new Monitoring(stack, 'Monitoring', { service, latencyBudgetMs: 250, runbookUrl }));
    const sections = rules.map(({ alert }) => alert.toLowerCase());
    expect(sections.length).toBeGreaterThan(5);
    expect(anchorsOf(operatePage)).toEqual(expect.arrayContaining(sections));
    expect(rules.map(({ annotations }) => annotations.runbook_url)).toEqual(
      sections.map((section) => `${runbookUrl}#${section}`),
    );
    const anchors = anchorsOf(operatePage).filter((anchor) => anchor.startsWith('brainwave'));
    expect(anchors.sort()).toEqual([...sections].sort());
  });

  it('the page has the severity and the duration of each alert, and graphs that the dashboard has', () => {
    const { stack, service } = fake('page');
    const monitoring = new Monitoring(stack, 'Monitoring', { service, latencyBudgetMs: 250 });
    const rows = [...operatePage.matchAll(/^\| `(Brainwave\w+)` +\| (\w+) +\|.*\| (\d+) min +\|$/gm)];
    expect(rows.map(([, alert, severity, minutes]) => [alert, severity, `${minutes}m`]).sort()).toEqual(
      rulesOf(monitoring)
        .map(({ alert, labels, for: duration }) => [alert, labels.severity, duration])
        .sort(),
    );
    const { panels } = JSON.parse(monitoring.dashboard) as { panels: { title: string }[] };
    const named = [...operatePage.matchAll(/\bgraphs? ("[^"]+"(?: and "[^"]+")?)/g)].flatMap(([, titles]) =>
      [...titles.matchAll(/"([^"]+)"/g)].map(([, title]) => title),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((title) => !panels.some((panel) => panel.title.startsWith(title)))).toEqual([]);
  });

  it('has no links without a page', () => {
    const { stack, service } = fake('unlinked');
    const monitoring = new Monitoring(stack, 'Monitoring', { service, latencyBudgetMs: 250 });
    expect(monitoring.rules).not.toContain('runbook_url');
  });

  it('adds outputs whose names a script can rely on', () => {
    const { stack, service } = fake('outputs');
    new Monitoring(stack, 'ScoringMonitoring', { service, latencyBudgetMs: 250 }).addOutputs();
    const { output } = JSON.parse(new TerraformJson(stack).json) as { output: Record<string, unknown> };
    expect(Object.keys(output)).toEqual(['scoring_monitoring_dashboard', 'scoring_monitoring_rules']);
  });

  it('uses thresholds, a runbook and alerts of the user', () => {
    const { stack, service } = fake('own');
    const { alerts, rules } = new Monitoring(stack, 'Monitoring', {
      service,
      latencyBudgetMs: 100,
      maxErrorRatio: 0.002,
      runbookUrl: 'https://wiki.example.com/scoring',
      alerts: [
        service.metricRefusedKeys({ window: '1h' }).above(2, {
          name: 'KeysRefused',
          summary: 'Keys are refused',
          severity: AlertSeverity.CRITICAL,
          forMinutes: 15,
        }),
      ],
    });
    expect(alerts.find(({ name }) => name === 'BrainwaveLatencyHigh')).toMatchObject({
      expression: expect.stringMatching(/\) > 0\.1$/) as string,
      runbookUrl: 'https://wiki.example.com/scoring#brainwavelatencyhigh',
    });
    expect(alerts[0]?.expression).toMatch(/ > 0\.002$/);
    expect((JSON.parse(rules) as RuleFile).groups[0]?.rules.at(-1)).toEqual({
      alert: 'KeysRefused',
      expr: '(sum(rate(brainwave_refused_keys_total[1h]))) > 2',
      for: '15m',
      labels: { severity: 'critical', service: 'own-service' },
      annotations: { summary: 'Keys are refused', description: 'Keys are refused' },
    });
  });

  it('a service whose name is known only at apply keeps it in every rule', () => {
    const stack = stackOf('token');
    const name = new TerraformVariable(stack, 'name', { type: 'string' }).stringValue;
    const service = new FakeWebservice(stack, 'Service', { serviceName: name });
    new Monitoring(stack, 'Monitoring', { service, latencyBudgetMs: 250 }).addOutputs();
    const outputs = new TerraformJson(stack).json;
    expect(outputs).toContain('var.name');
    expect(outputs).not.toContain('TfToken');
  });

  it.each<[string, Partial<MonitoringProps>]>([
    [
      'latencyBudgetMs is missing; set the highest acceptable 99th percentile of the latency, in milliseconds',
      { latencyBudgetMs: undefined },
    ],
    [
      'latencyBudgetMs is 30000; expected a number greater than 0 and less than 30000, the largest bucket of the histogram',
      { latencyBudgetMs: 30_000 },
    ],
    ['maxErrorRatio is 1; expected a ratio greater than 0 and less than 1', { maxErrorRatio: 1 }],
    ['maxInFlightRatio is 80; expected a ratio greater than 0 and less than 1', { maxInFlightRatio: 80 }],
    ['maxQueueLength is 0; expected a number greater than 0', { maxQueueLength: 0 }],
    ['minimumDaysToExpiry is 0; expected a number of at least 1', { minimumDaysToExpiry: 0 }],
    [
      'runbookUrl is "wiki/scoring"; expected a URL without an anchor, such as https://wiki.example.com/scoring',
      { runbookUrl: 'wiki/scoring' },
    ],
    [
      'alerts[0].name is "Too slow"; expected letters, digits and "_", such as ErrorRatioHigh',
      { alerts: [{ name: 'Too slow', summary: 's', expression: 'e' }] },
    ],
    [
      'alerts[0].name is "BrainwaveX", but the prefix Brainwave is reserved; choose another name',
      { alerts: [{ name: 'BrainwaveX', summary: 's', expression: 'e' }] },
    ],
    [
      'alerts[0].forMinutes is 0.5; expected a whole number of at least 0',
      { alerts: [{ name: 'Slow', summary: 's', expression: 'e', forMinutes: 0.5 }] },
    ],
    [
      'actionGroups is set, but Azure Monitor does not evaluate the alerts; ' +
        'set prometheus: new ManagedPrometheus(…), or remove actionGroups',
      { actionGroups: [ACTION_GROUP] },
    ],
    [
      'prometheus is a PrometheusOperator, but the service "refused-service" does not run on Kubernetes; ' +
        'remove prometheus, call addOutputs(), and load the rules into your Prometheus',
      { prometheus: new PrometheusOperator() },
    ],
  ])('rejects: %s', (message, props) => {
    const { stack, service } = fake('refused');
    expect(
      refusal(() => new Monitoring(stack, 'Monitoring', { service, latencyBudgetMs: 250, ...props })),
    ).toBe(`refused/Monitoring: ${message}`);
  });

  it('the dashboard shows every metric of the server that has a method, within Grafana’s grid', () => {
    const { stack, service } = fake('dashboard');
    const { dashboard } = new Monitoring(stack, 'Monitoring', { service, latencyBudgetMs: 250 });
    const { panels } = JSON.parse(dashboard) as {
      panels: { id: number; gridPos: { h: number; w: number; x: number; y: number } }[];
    };
    for (const { name } of Object.values(METRICS)) {
      expect(dashboard).toContain(name);
    }
    const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.every((cell) => Number(cell.split(',')[0]) < 24)).toBe(true);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

describe('on Kubernetes with the Prometheus Operator', () => {
  it('the operator finds the pods and the rules, and only its namespace reaches the metrics', () => {
    const stack = stackOf('operator');
    const service = declareKubernetesService(project, stack);
    new Monitoring(stack, 'Monitoring', {
      service,
      latencyBudgetMs: 250,
      prometheus: new PrometheusOperator({ labels: { release: 'prometheus' }, monitoringNamespace: 'watch' }),
    });
    const json = new TerraformJson(stack);
    const labels = {
      'app.kubernetes.io/instance': 'operator-service',
      'app.kubernetes.io/name': 'cdktf-brainwave',
    };
    expect(json.at('kubernetes_manifest', 'Monitoring/PodMonitor').manifest).toEqual({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: {
        name: 'operator-service',
        namespace: 'operator-service',
        labels: { ...labels, release: 'prometheus' },
      },
      spec: {
        selector: { matchLabels: labels },
        podTargetLabels: ['app.kubernetes.io/instance'],
        podMetricsEndpoints: [{ port: 'health', path: '/metrics', interval: '30s' }],
      },
    });
    expect(json.at('kubernetes_manifest', 'Monitoring/PrometheusRule').manifest).toMatchObject({
      kind: 'PrometheusRule',
      spec: { groups: [{ rules: expect.arrayContaining([]) as unknown }] },
    });
    expect(json.at('kubernetes_network_policy_v1', 'Monitoring/ScrapePolicy').spec).toMatchObject({
      pod_selector: { match_labels: labels },
      policy_types: ['Ingress'],
      ingress: [
        {
          from: [{ namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'watch' } } }],
          ports: [{ port: '8081', protocol: 'TCP' }],
        },
      ],
    });
    const { metadata, data } = json.at('kubernetes_config_map_v1', 'Monitoring/DashboardConfigMap');
    expect(metadata).toMatchObject({ labels: { grafana_dashboard: '1' } });
    const content = (data as Record<string, string>)['operator-service.json'] ?? '';
    expect(JSON.parse(content)).toMatchObject({ title: 'Scoring: operator-service' });
    // Terraform would take it for an expression.
    expect(content).not.toContain('${');
  });

  it('pods say where their metrics are, to a Prometheus that follows annotations', () => {
    const stack = stackOf('annotated');
    declareKubernetesService(project, stack);
    const { spec } = new TerraformJson(stack).at('kubernetes_deployment_v1', 'Service/Kubernetes/Deployment');
    expect(spec).toMatchObject({
      template: {
        spec: {
          container: [
            {
              port: expect.arrayContaining([
                { name: 'health', container_port: 8081, protocol: 'TCP' },
              ]) as unknown,
            },
          ],
        },
        metadata: {
          annotations: {
            'prometheus.io/scrape': 'true',
            'prometheus.io/port': '8081',
            'prometheus.io/path': '/metrics',
          },
        },
      },
    });
  });
});

describe('on AKS with managed Prometheus', () => {
  it('the cluster’s metrics are collected, and Azure Monitor evaluates the alerts', () => {
    const stack = azureStack(project, 'managed');
    const cluster = declareCluster(stack);
    const prometheus = new ManagedPrometheus(stack, 'Prometheus', { cluster });
    for (const id of ['First', 'Second']) {
      const service = declareService(project, stack, { cluster, id });
      new Monitoring(stack, `${id}Monitoring`, {
        service,
        latencyBudgetMs: 250,
        prometheus,
        actionGroups: [ACTION_GROUP],
      });
    }
    const json = new TerraformJson(stack);
    expect(json.at('azurerm_kubernetes_cluster', 'Cluster')).toHaveProperty('monitor_metrics');
    expect(json.at('azurerm_monitor_data_collection_rule', 'Prometheus/DataCollectionRule')).toMatchObject({
      kind: 'Linux',
      data_sources: { prometheus_forwarder: [{ streams: ['Microsoft-PrometheusMetrics'] }] },
      data_flow: [{ streams: ['Microsoft-PrometheusMetrics'], destinations: ['MonitorWorkspace'] }],
    });
    // Once for both services, whose namespaces it names.
    expect(json.at('kubernetes_config_map_v1', 'Prometheus/ScrapeSettings')).toMatchObject({
      metadata: { name: 'ama-metrics-settings-configmap', namespace: 'kube-system' },
      data: {
        'pod-annotation-based-scraping': 'podannotationnamespaceregex = "managed-first|managed-second"',
      },
    });
    const group = json.at('azurerm_monitor_alert_prometheus_rule_group', 'FirstMonitoring/RuleGroup');
    expect(group).toMatchObject({
      cluster_name: expect.stringContaining('azurerm_kubernetes_cluster') as string,
    });
    expect((group.rule as object[])[0]).toMatchObject({
      alert: 'BrainwaveErrorRatioHigh',
      for: 'PT5M',
      severity: 0,
      action: [{ action_group_id: ACTION_GROUP.id }],
      alert_resolution: { auto_resolved: true },
    });
    expect(json.at('kubernetes_network_policy_v1', 'FirstMonitoring/ScrapePolicy').spec).toMatchObject({
      ingress: [
        {
          from: [{ namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
        },
      ],
    });
  });

  it('a workspace that exists gets the alerts, with a warning if they notify nobody', () => {
    const stack = azureStack(project, 'existing');
    const cluster = ScoringCluster.fromScoringClusterAttributes(stack, 'Cluster', {
      clusterName: 'pets',
      resourceGroupName: 'scoring',
    });
    const monitorWorkspaceId =
      '/subscriptions/s/resourceGroups/scoring/providers/Microsoft.Monitor/accounts/pets';
    new Monitoring(stack, 'Monitoring', {
      service: declareService(project, stack, { cluster }),
      latencyBudgetMs: 250,
      prometheus: ManagedPrometheus.fromManagedPrometheusAttributes(stack, 'Prometheus', {
        cluster,
        monitorWorkspaceId,
      }),
    });
    const json = new TerraformJson(stack);
    expect(json.at('azurerm_monitor_alert_prometheus_rule_group', 'Monitoring/RuleGroup')).toMatchObject({
      scopes: [monitorWorkspaceId],
      cluster_name: 'pets',
    });
    expect(json.warnings).toContain(
      'existing/Monitoring: the alerts notify nobody and are only visible in the Azure portal; ' +
        "set actionGroups, such as [new ActionGroup(…, { emails: ['…'] })]",
    );
    expect(refusal(() => new ManagedPrometheus(stack, 'Other', { cluster }))).toBe(
      'existing/Other: the cluster "pets" is declared elsewhere, where its metrics add-on must be enabled; ' +
        'use ManagedPrometheus.fromManagedPrometheusAttributes(…)',
    );
  });
});

describe('on FPGA machines', () => {
  it('Azure Monitor watches the load balancer', () => {
    const stack = stackWithAzapi(project, 'fpga');
    new Monitoring(stack, 'Monitoring', {
      service: declareFpgaService(project, stack),
      latencyBudgetMs: 20,
      actionGroups: [ACTION_GROUP],
      runbookUrl: 'https://wiki.example.com/scoring',
    });
    const json = new TerraformJson(stack);
    for (const id of ['ReplicasNotReady', 'Unreachable']) {
      const { description } = json.at('azurerm_monitor_metric_alert', `Monitoring/${id}`);
      const [, section = ''] = /https:\/\/wiki\.example\.com\/scoring#(\S+)$/.exec(String(description)) ?? [];
      expect(anchorsOf(operatePage)).toContain(section);
    }
    expect(json.at('azurerm_monitor_metric_alert', 'Monitoring/ReplicasNotReady')).toMatchObject({
      scopes: [expect.stringContaining('azurerm_lb.') as string],
      window_size: 'PT15M',
      criteria: [{ metric_name: 'DipAvailability', operator: 'LessThan', threshold: 100 }],
      action: [{ action_group_id: ACTION_GROUP.id }],
    });
  });
});

describe('ActionGroup', () => {
  it('notifies people and systems in the common alert schema', () => {
    const stack = azureStack(project, 'group');
    const group = new ActionGroup(stack, 'OnCall', {
      resourceGroupName: 'scoring',
      emails: ['oncall@example.com'],
      webhooks: ['https://chat.example.com/hook'],
    });
    expect(group.name).toContain('TfToken');
    expect(new TerraformJson(stack).at('azurerm_monitor_action_group', 'OnCall')).toMatchObject({
      name: 'group-on-call',
      short_name: 'Scoring',
      email_receiver: [
        { name: 'email-1', email_address: 'oncall@example.com', use_common_alert_schema: true },
      ],
      webhook_receiver: [{ service_uri: 'https://chat.example.com/hook', use_common_alert_schema: true }],
    });
  });

  it.each([
    ['it notifies nobody; set emails or webhooks', {}],
    ['emails[0] is "oncall"; expected an email address', { emails: ['oncall'] }],
    [
      'webhooks[0] is "http://chat"; expected an address that starts with https://',
      { webhooks: ['http://chat'] },
    ],
    [
      'shortName is "Scoring on call"; expected 1 to 12 characters',
      { emails: ['a@b.c'], shortName: 'Scoring on call' },
    ],
  ])('rejects: %s', (message, props) => {
    const stack = azureStack(project, 'group');
    expect(refusal(() => new ActionGroup(stack, 'OnCall', { resourceGroupName: 'scoring', ...props }))).toBe(
      `group/OnCall: ${message}`,
    );
  });
});
