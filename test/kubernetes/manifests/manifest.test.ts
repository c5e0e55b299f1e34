import { toManifest } from './manifest';

describe('a resource of the kubernetes provider becomes a manifest', () => {
  it('with the names, lists and numbers of Kubernetes', () => {
    const manifest = toManifest('kubernetes_deployment_v1', {
      provider: 'kubernetes.cluster',
      depends_on: ['kubernetes_namespace_v1.scoring'],
      lifecycle: { create_before_destroy: true },
      wait_for_rollout: false,
      timeouts: { delete: '10m' },
      metadata: { name: 'scoring', labels: { 'app.kubernetes.io/part_of': '1' } },
      spec: {
        replicas: '2',
        selector: { match_labels: { app_name: 'scoring' } },
        template: {
          spec: {
            container: [
              {
                name: '7',
                args: ['--port', '80'],
                env: [{ name: 'NUMBER', value: '1' }],
                port: [{ container_port: 50_051 }],
                resources: { limits: { cpu: '1', 'nvidia.com/gpu': '1' } },
                readiness_probe: { grpc: [{ port: 8081, service: '' }] },
                volume_mount: [{ name: 'a', mount_path: '/a' }],
              },
            ],
            volume: [{ name: 'a', secret: { secret_name: 'b', default_mode: '0400' } }],
            topology_spread_constraint: [{ max_skew: 1, label_selector: [{ match_labels: { app: 'a' } }] }],
          },
        },
      },
    });
    expect(manifest).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'scoring', labels: { 'app.kubernetes.io/part_of': '1' } },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app_name: 'scoring' } },
        template: {
          spec: {
            containers: [
              {
                name: '7',
                args: ['--port', '80'],
                env: [{ name: 'NUMBER', value: '1' }],
                ports: [{ containerPort: 50_051 }],
                resources: { limits: { cpu: '1', 'nvidia.com/gpu': '1' } },
                readinessProbe: { grpc: { port: 8081, service: '' } },
                volumeMounts: [{ name: 'a', mountPath: '/a' }],
              },
            ],
            volumes: [{ name: 'a', secret: { secretName: 'b', defaultMode: 0o400 } }],
            topologySpreadConstraints: [{ maxSkew: 1, labelSelector: { matchLabels: { app: 'a' } } }],
          },
        },
      },
    });
  });

  it('with the map that selects the pods of a service', () => {
    const manifest = toManifest('kubernetes_service_v1', {
      metadata: { name: 'scoring' },
      spec: {
        type: 'ClusterIP',
        cluster_ip: '10.0.0.1',
        selector: { app_name: '1' },
        port: [{ port: 443, target_port: '50051' }],
      },
    });
    expect(manifest.spec).toEqual({
      type: 'ClusterIP',
      clusterIP: '10.0.0.1',
      selector: { app_name: '1' },
      ports: [{ port: 443, targetPort: 50_051 }],
    });
  });

  it('with the data of a secret as text', () => {
    const manifest = toManifest('kubernetes_secret_v1', {
      type: 'Opaque',
      data_wo: { 'tls.key': '${var.key}' },
      data_wo_revision: 1,
    });
    expect(manifest).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      stringData: { 'tls.key': '${var.key}' },
    });
  });

  it('and one that is not known fails', () => {
    expect(() => toManifest('kubernetes_lease_v1', {})).toThrow(
      'kubernetes_lease_v1 has no known kind; add it to KINDS',
    );
  });
});
