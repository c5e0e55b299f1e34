import { Testing, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';

import * as constructs from '../../constructs';

/** Static methods that take no properties. */
const WITHOUT_PROPS = [
  'Accelerator.cpu',
  'Accelerator.gpu',
  'KubernetesService.of',
  'ManagedEndpointCompute.deploymentOf',
  'ManagedEndpointCompute.endpointOf',
  'AttachedKubernetesCluster.gpu',
  'ContainerAppsService.of',
  'ContainerAppsIngress.http2',
  'ContainerAppsIngress.tcp',
  'RevisionTraffic.latest',
  'RevisionTraffic.split',
  'WorkloadProfile.consumption',
  'WorkloadProfile.dedicated',
  'WorkloadProfile.gpuA100',
  'WorkloadProfile.gpuT4',
  'ClusterAccess.adminCertificate',
  'ClusterAccess.entraId',
  'DnsRecords.isDnsRecords',
  'FpgaImage.fromImageId',
  'FpgaImage.vitis',
  'FpgaService.of',
  'FpgaVmSize.custom',
  'Exposure.clusterIp',
  'PrivateDnsZones.inResourceGroup',
  'PrivateDnsZones.managedByPolicy',
  'PublicAddress.fromPublicIpName',
  'PublicAddress.inResourceGroup',
  'Rollout.blueGreen',
  'Rollout.rolling',
  'ScoringEnvironment.fromScoringEnvironmentId',
  'SmokeTest.isSmokeTest',
  'SslSettings.disabled',
  'SynthErrors.hideStackTraces',
];

/** Classes that users do not construct. */
const ABSTRACT = [
  'AcmeChallenge',
  'ApiKeys',
  'Autoscaling',
  'ClusterAccess',
  'Egress',
  'Exposure',
  'FpgaImage',
  'KubernetesAccess',
  'ModelServer',
  'NetworkIsolation',
  'PrivateDnsZones',
  'SslSettings',
  'WebserviceBase',
];
const WITHOUT_CONSTRUCTOR = [
  'Accelerator',
  'ContainerAppsIngress',
  'FpgaVmSize',
  'Metric',
  'PublicAddress',
  'RevisionTraffic',
  'Rollout',
  'SynthErrors',
  'WorkloadProfile',
];

/** Their own tests check the properties of these. */
const ELSEWHERE = /^(BrainwaveModel|ServiceDefinition|SoftwareModel|Stage|Sample|.*Error)$/;

const MISSPELLED = { misspelled: true };

type Callable = (...args: unknown[]) => unknown;
type Exported = (new (...args: unknown[]) => unknown) &
  Record<string, unknown> & { readonly prototype: unknown };

const classes = Object.entries(constructs as unknown as Record<string, Exported>).filter(
  ([name, type]) => typeof type === 'function' && !ELSEWHERE.test(name),
);

const constructors = classes.filter(
  // What has `_declare` is declared by other constructs only.
  ([name, type]) => ![...ABSTRACT, ...WITHOUT_CONSTRUCTOR].includes(name) && !('_declare' in type),
);

const factories = classes.flatMap(([name, type]) =>
  Object.getOwnPropertyNames(type)
    .filter((member) => !/^(prototype|_)/.test(member) && typeof type[member] === 'function')
    .map((member) => [`${name}.${member}`, type[member] as Callable] as const)
    .filter(([method]) => !WITHOUT_PROPS.includes(method)),
);

/** Uses misspelled properties as a user would, and returns the message; `undefined` if nothing rejects them. */
function messageOf(use: (stack: TerraformStack) => unknown): string | undefined {
  const stack = new TerraformStack(Testing.app(), 'stack');
  try {
    const made = use(stack);
    if (typeof made === 'object' && made !== null && 'bind' in made) {
      (made.bind as Callable).call(made, new Construct(stack, 'Service'), { model: {} });
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

it.each(constructors)('new %s rejects a property that it does not have', (_, Type) => {
  const isConstruct = Type.prototype instanceof Construct;
  const message = messageOf((stack) =>
    isConstruct ? new Type(stack, 'Made', MISSPELLED) : new Type(MISSPELLED),
  );
  expect(message).toContain('unknown property misspelled');
});

it.each(factories)('%s rejects a property that it does not have', (name, create) => {
  const imports = /\.from(?!Variables|Pem|KeyVault|Acme)/.test(name);
  const message = messageOf((stack) =>
    imports ? create.call(undefined, stack, 'Imported', MISSPELLED) : create.call(undefined, MISSPELLED),
  );
  expect(message).toContain('unknown property misspelled');
});

it('suggests the intended property', () => {
  const message = messageOf(
    (stack) => new constructs.LocalWorkspace(stack, 'Workspace', { directry: 'models' } as never),
  );
  expect(message).toBe('stack/Workspace: unknown property directry; did you mean directory?');
});
