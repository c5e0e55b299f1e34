import {
  fpgaMachineConfigurationSchema,
  type FpgaMachineConfiguration,
} from '../../lib/contract/fpga-machine-configuration';
import { stepSchemas } from '../../lib/contract/steps';
import type { AzureSimulator } from './simulator/azure-simulator';
import { isObject, objectOf, textOf, type JsonObject } from './simulator/json';
import type { Resource } from './simulator/resource-type';
import { hasRole } from './simulator/roles';

/** What is wrong with the specifications of smoke tests, among the `terraform_data` of a stack. */
export function smokeTestProblems(resources: readonly JsonObject[]): string[] {
  return resources
    .map(({ triggers_replace: triggers }) => objectOf(objectOf(triggers).value).specification)
    .filter((specification) => textOf(specification).includes('"test"'))
    .flatMap((specification) => {
      const result = stepSchemas['smoke-test'].safeParse(JSON.parse(textOf(specification)));
      return result.success
        ? []
        : [`a smoke test would refuse its specification: ${result.error.message}\n${textOf(specification)}`];
    });
}

/** What is wrong with the user data of FPGA machines, and what their identity may not read. */
export function machineProblems(azure: AzureSimulator): string[] {
  return [...azure.resources.all()]
    .filter(({ type }) => type.toLowerCase() === 'microsoft.compute/virtualmachinescalesets')
    .flatMap((scaleSet) => problemsOf(azure, scaleSet));
}

function problemsOf(azure: AzureSimulator, scaleSet: Resource): string[] {
  const { userData } = objectOf(scaleSet.properties.virtualMachineProfile);
  const text = Buffer.from(textOf(userData), 'base64').toString('utf8');
  const result = fpgaMachineConfigurationSchema.safeParse(JSON.parse(text));
  if (!result.success) {
    return [`${scaleSet.id}: its user data is not what its scripts expect: ${result.error.message}\n${text}`];
  }
  const { identityClientId, registries } = result.data;
  const identities = Object.values(objectOf(objectOf(scaleSet.identity).userAssignedIdentities));
  const identity = identities.filter(isObject).find(({ clientId }) => clientId === identityClientId);
  if (!identity) {
    return [`${scaleSet.id}: it does not have the identity ${identityClientId}`];
  }
  const principalId = textOf(identity.principalId);
  const resources = [...azure.resources.all()];
  const unreadable = secretUrls(result.data).filter((url) => {
    const { hostname, pathname } = new URL(url);
    const [vaultName = ''] = hostname.split('.');
    const name = pathname.split('/')[2] ?? '';
    const vault = resources.find(
      (each) => each.name === vaultName && each.type.toLowerCase() === 'microsoft.keyvault/vaults',
    );
    return (
      !vault ||
      !azure.vaults.values.has(`${vaultName}/${name.toLowerCase()}`) ||
      !hasRole(azure.resources, principalId, `${vault.id}/secrets/${name}`, ['Key Vault Secrets User'])
    );
  });
  const unpullable = registries.filter((url) => {
    const registry = resources.find(({ properties }) => `https://${textOf(properties.loginServer)}` === url);
    return !registry || !hasRole(azure.resources, principalId, registry.id, ['AcrPull']);
  });
  return [...unreadable, ...unpullable].map((url) => `${scaleSet.id}: its identity may not read ${url}`);
}

function secretUrls({ secrets }: FpgaMachineConfiguration): string[] {
  return secrets ? [...Object.values(secrets.certificate), ...Object.values(secrets.keys ?? {})] : [];
}
