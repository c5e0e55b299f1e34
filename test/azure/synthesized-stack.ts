import { readFile, writeFile } from 'node:fs/promises';

import { isObject, objectOf, objectsOf, textOf, type Json, type JsonObject } from './simulator/json';

/** Stands for an address that only a cluster could tell. */
const UNKNOWN_ADDRESS = '203.0.113.1';

/** What is left out of a stack before it is applied to a simulated Azure. */
export interface LeftOut {
  /** Resources of Kubernetes, where there is no API server. */
  readonly kubernetesResources: number;
  /** Runs of smoke tests, which need a service that answers. */
  readonly smokeTests: number;
}

/**
 * Leaves out of a synthesized stack what cannot run against a simulated Azure: the provisioners of smoke tests, since nothing
 * answers there, and without an API server all that is Kubernetes'. The resources of smoke tests stay, and so do their
 * triggers.
 */
export async function leaveOut(file: string, { kubernetes }: { kubernetes: boolean }): Promise<LeftOut> {
  const stack = JSON.parse(await readFile(file, 'utf8')) as JsonObject;
  let smokeTests = 0;
  for (const data of resourcesOf(stack.resource, 'terraform_data')) {
    if (objectsOf(data.provisioner).some(isSmokeTest)) {
      delete data.provisioner;
      smokeTests += 1;
    }
  }
  const kubernetesResources = kubernetes ? 0 : leaveOutKubernetes(stack);
  await writeFile(file, JSON.stringify(stack, undefined, 2));
  return { kubernetesResources, smokeTests };
}

function isSmokeTest(provisioner: JsonObject): boolean {
  return JSON.stringify(provisioner).includes('smoke-test');
}

function leaveOutKubernetes(stack: JsonObject): number {
  const removed: string[] = [];
  for (const [kind, prefix] of [
    ['resource', ''],
    ['data', 'data.'],
  ] as const) {
    const types = stack[kind];
    if (isObject(types)) {
      const kept = Object.entries(types).filter(([type]) => !type.startsWith('kubernetes_'));
      for (const [type, resources] of Object.entries(types)) {
        if (type.startsWith('kubernetes_')) {
          removed.push(...Object.keys(objectOf(resources)).map((name) => `${prefix}${type}.${name}`));
        }
      }
      stack[kind] = Object.fromEntries(kept);
    }
  }
  if (isObject(stack.provider)) {
    delete stack.provider.kubernetes;
  }
  const { terraform } = stack;
  if (isObject(terraform) && isObject(terraform.required_providers)) {
    delete terraform.required_providers.kubernetes;
  }
  if (removed.length > 0) {
    for (const [name, value] of Object.entries(stack)) {
      stack[name] = withoutReferences(value, removed);
    }
  }
  return removed.length;
}

function withoutReferences(value: Json | undefined, removed: readonly string[]): Json | undefined {
  if (Array.isArray(value)) {
    return value
      .filter((each) => !(typeof each === 'string' && removed.includes(each)))
      .map((each) => withoutReferences(each, removed) ?? null);
  }
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, withoutReferences(each, removed)]),
    );
  }
  return removed.some((address) => textOf(value).includes(`\${${address}.`)) ? UNKNOWN_ADDRESS : value;
}

function resourcesOf(types: Json | undefined, type: string): JsonObject[] {
  return Object.values(objectOf(objectOf(types)[type])).filter(isObject);
}
