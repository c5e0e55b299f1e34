import { readFileSync } from 'node:fs';

import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { RandomProvider } from '@cdktf/provider-random/lib/provider';
import { App, DataResource, TerraformResource, TerraformStack, TerraformVariable, Token, ref } from 'cdktf';

import { measureSynth } from './measure-synth';

/*
 * Peer of services.ts: the same resources, each as the provider's class with all attributes. They are read from the output
 * of services.ts, with references converted back to tokens, and result in the same output.
 */

type Json = Record<string, unknown>;
type ResourceClass = new (stack: TerraformStack, id: string, config: Json) => TerraformResource;
interface Synthesized {
  readonly resource: Record<string, Record<string, Json>>;
  readonly data?: Record<string, Record<string, Json>>;
  readonly variable?: Record<string, Json>;
}

const PROVIDERS = /^(?:data_)?(azurerm|kubernetes|random)_(.+)$/;
/** Objects whose keys are defined by users, not by the schema. */
const MAPS = new Set([
  'annotations',
  'data',
  'labels',
  'limits',
  'match_labels',
  'node_selector',
  'requests',
  'tags',
]);

const synthesized = JSON.parse(readFileSync(process.argv[3], 'utf8')) as Synthesized;
const DECLARATIONS = [
  ...declarationsOf(synthesized.resource, ''),
  ...declarationsOf(synthesized.data ?? {}, 'data_'),
];

measureSynth((outdir) => {
  const app = new App({ outdir });
  const stack = new TerraformStack(app, 'services');
  new AzurermProvider(stack, 'azurerm', { features: [{}] });
  const kubernetes = new KubernetesProvider(stack, 'kubernetes', { alias: 'kubernetes-services-cluster' });
  new RandomProvider(stack, 'random');
  for (const [name, variable] of Object.entries(synthesized.variable ?? {})) {
    new TerraformVariable(stack, name, variable);
  }
  for (const { load, type, name, config, provisioner } of DECLARATIONS) {
    if (load) {
      const Class = load();
      const resource = new Class(stack, name, {
        ...(tokenized(config, stack) as Json),
        ...(config.provider !== undefined && { provider: kubernetes }),
      });
      if (provisioner !== undefined) {
        resource.addOverride('provisioner', provisioner);
      }
    } else {
      const resource = new TerraformResource(stack, name, { terraformResourceType: type });
      for (const [key, value] of Object.entries(config)) {
        resource.addOverride(key, value);
      }
    }
  }
  return app;
});

interface Declaration {
  readonly type: string;
  readonly name: string;
  /** Loads the class. Undefined if the provider has no bindings, such as azapi, of which there are few resources. */
  readonly load: (() => ResourceClass) | undefined;
  readonly config: Json;
  /** As synthesized: cdktf's own prop does not allow for all attributes. */
  readonly provisioner?: unknown;
}

function declarationsOf(section: Record<string, Record<string, Json>>, prefix: string): Declaration[] {
  return Object.entries(section).flatMap(([type, resources]) => {
    const load = classOf(`${prefix}${type}`);
    return Object.entries(resources).map(([name, { ...attributes }]) => {
      delete attributes['//'];
      const { provisioner, ...rest } = attributes;
      return load
        ? { type, name, load, config: configOf(rest), provisioner }
        : { type, name, load, config: attributes };
    });
  });
}

/** `azurerm_public_ip` is `PublicIp` of `@cdktf/provider-azurerm/lib/public-ip`. */
function classOf(type: string): (() => ResourceClass) | undefined {
  if (type === 'terraform_data') {
    return () => DataResource;
  }
  const match = PROVIDERS.exec(type);
  if (!match) {
    return undefined;
  }
  const [, provider, rest] = match;
  const data = type.startsWith('data_');
  const folder = `${data ? `data-${provider}-` : ''}${rest.replaceAll('_', '-')}`;
  const name = pascalCased(data ? `data_${provider}_${rest}` : rest);
  return () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the modules depend on the synthesized resources
    const module = require(`@cdktf/provider-${provider}/lib/${folder}`) as Record<string, ResourceClass>;
    return module[name];
  };
}

function configOf({ depends_on: dependencies, ...attributes }: Json): Json {
  const dependsOn = (dependencies as string[] | undefined)?.map((fqn) => ({ fqn }));
  return { ...(camelCased(attributes) as Json), ...(dependsOn && { dependsOn }) };
}

/** Converts references to other resources to tokens, like attributes of resources. */
function tokenized(value: unknown, stack: TerraformStack): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([a-z0-9_]+\.[\w.]+)\}/g, (_, reference: string) =>
      Token.asString(ref(reference, stack)),
    );
  }
  if (Array.isArray(value)) {
    return value.map((item) => tokenized(item, stack));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, tokenized(item, stack)]));
}

function camelCased(value: unknown, key?: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => camelCased(item));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const isMap = key !== undefined && (MAPS.has(key) || (key === 'selector' && !('match_labels' in value)));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      isMap ? name : name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      isMap ? item : camelCased(item, name),
    ]),
  );
}

function pascalCased(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
