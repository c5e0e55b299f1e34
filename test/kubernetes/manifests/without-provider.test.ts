import { objectOf, objectsOf } from '../../azure/simulator/json';
import { withoutProvider } from './without-provider';

const STACK = {
  provider: { kubernetes: [{ alias: 'cluster', config_path: 'kubeconfig' }] },
  terraform: {
    backend: { local: {} },
    required_providers: { kubernetes: { source: 'hashicorp/kubernetes' } },
  },
  resource: {
    kubernetes_namespace_v1: {
      Namespace: { provider: 'kubernetes.cluster', metadata: { name: 'scoring' } },
    },
    kubernetes_service_v1: {
      Service: {
        depends_on: ['kubernetes_namespace_v1.Namespace', 'terraform_data.Test'],
        metadata: { name: 'scoring', namespace: '${kubernetes_namespace_v1.Namespace.metadata[0].name}' },
        spec: { type: 'LoadBalancer', port: [{ port: 80 }] },
      },
    },
    terraform_data: {
      Test: { input: '${kubernetes_service_v1.Service.status[0].load_balancer[0].ingress[0].ip}' },
    },
  },
};

function resources() {
  return objectOf(objectOf(withoutProvider(STACK).resource).terraform_data);
}

it('a stack without the provider has resources of Terraform alone', () => {
  const stack = withoutProvider(STACK);
  expect(Object.keys(objectOf(stack.resource))).toEqual(['terraform_data']);
  expect(stack.provider).toBeUndefined();
  expect(stack.terraform).toEqual({ backend: { local: {} }, required_providers: {} });
});

it('references lead to what was applied', () => {
  const { Test: test, 'kubernetes_service_v1-Service': service } = resources();
  expect(objectOf(test).input).toBe(
    '${terraform_data.kubernetes_service_v1-Service.output.resource.status[0].load_balancer[0].ingress[0].ip}',
  );
  expect(objectOf(service).depends_on).toEqual([
    'terraform_data.kubernetes_namespace_v1-Namespace',
    'terraform_data.Test',
  ]);
});

it('a service has the addresses that the manifest asks for', () => {
  const { input } = objectOf(resources()['kubernetes_service_v1-Service']);
  const { manifest, resource } = objectOf(input);
  const { loadBalancerIP, clusterIP } = objectOf(objectOf(manifest).spec);
  expect(loadBalancerIP).toMatch(/^198\.18\.\d+\.\d+$/);
  expect(objectOf(resource).status).toEqual([
    { load_balancer: [{ ingress: [{ ip: loadBalancerIP, hostname: '' }] }] },
  ]);
  expect(objectOf(resource).spec).toEqual([expect.objectContaining({ cluster_ip: clusterIP })]);
});

it('a changed object is applied before the old version is deleted, which then finds nothing', () => {
  const {
    lifecycle,
    triggers_replace: triggers,
    input,
    provisioner,
  } = objectOf(resources()['kubernetes_namespace_v1-Namespace']);
  expect(lifecycle).toEqual({ create_before_destroy: true });
  expect(triggers).toEqual(input);
  expect(JSON.stringify(provisioner)).toContain('kubectl delete \\"$KIND\\" --selector');
});

it('objects of former versions are deleted when everything else has been applied', () => {
  const { prune, ...others } = resources();
  const { triggers_replace: triggers, depends_on: dependencies, provisioner } = objectOf(prune);
  expect(dependencies).toEqual(Object.keys(others).map((name) => `terraform_data.${name}`));
  expect(objectOf(triggers).versions).toEqual([
    '${substr(sha1(jsonencode(terraform_data.kubernetes_namespace_v1-Namespace.input)), 0, 20)}',
    '${substr(sha1(jsonencode(terraform_data.kubernetes_service_v1-Service.input)), 0, 20)}',
  ]);
  const [{ 'local-exec': command }] = objectsOf(provisioner);
  expect(objectOf(command).command).toMatch(/^kubectl delete configmap,.*service --namespace "\$NAMESPACE"/);
});
