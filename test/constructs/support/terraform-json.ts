import type { TerraformStack } from 'cdktf';

import { synthStack } from '../../../constructs/testing';

/** A block's arguments as Terraform reads them. */
export type Arguments = Readonly<Record<string, unknown>>;

type Blocks = Readonly<Record<string, Readonly<Record<string, Arguments>>>>;

interface Content {
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly ephemeral?: Blocks;
  readonly terraform?: { readonly required_version?: string };
  readonly provider?: Readonly<Record<string, readonly Arguments[]>>;
}

/** A step of a `terraform_data`, with the environment variables that it gets besides its specification. */
export interface StepJson {
  readonly name: string;
  readonly specification: unknown;
  readonly environment: Readonly<Record<string, string>>;
}

/** A synthesized stack of any providers, asked for what is in it. */
export class TerraformJson {
  readonly json: string;
  readonly warnings: readonly string[];
  private readonly content: Content;

  constructor(stack: TerraformStack) {
    const { json, annotations } = synthStack(stack);
    this.json = json;
    this.warnings = annotations
      .filter(({ level }) => level === 'warning')
      .map(({ path, message }) => `${path}: ${message}`);
    this.content = JSON.parse(json) as Content;
  }

  providers(name: string): readonly Arguments[] {
    return this.content.provider?.[name] ?? [];
  }

  /** Every resource by its address. */
  get resources(): ReadonlyMap<string, Arguments> {
    return addresses(this.content.resource);
  }

  all(type: string): Arguments[] {
    return Object.values(this.content.resource?.[type] ?? {});
  }

  /**
   * The only resource of a type.
   * @param kind end of the `type` of an `azapi_resource`: `workspaces/models`
   */
  only(type: string, kind?: string): Arguments {
    return only(type, this.ofKind(type, kind));
  }

  /** The only data source of a type. */
  data(type: string): Arguments {
    return only(`data.${type}`, this.content.data?.[type]);
  }

  /** Every ephemeral resource by its address. */
  get ephemerals(): ReadonlyMap<string, Arguments> {
    return addresses(this.content.ephemeral);
  }

  /** Versions of Terraform that may apply the stack. */
  get requiredVersion(): string | undefined {
    return this.content.terraform?.required_version;
  }

  /**
   * Addresses of resources, data sources and providers that refer to each other in a circle, which Terraform refuses;
   * none if there is no circle.
   */
  get cycle(): string[] {
    const blocks = new Map<string, unknown>([
      ...addresses(this.content.resource),
      ...[...addresses(this.content.data)].map(([address, args]) => [`data.${address}`, args] as const),
      ...Object.entries(this.content.provider ?? {}).flatMap(([name, configurations]) =>
        configurations.map((args) => [`${name}.${String(args.alias)}`, args] as const),
      ),
    ]);
    const done = new Set<string>();
    const visit = (address: string, path: readonly string[]): string[] => {
      if (path.includes(address)) {
        return [...path.slice(path.indexOf(address)), address];
      }
      if (done.has(address)) {
        return [];
      }
      for (const [, next] of JSON.stringify(blocks.get(address)).matchAll(/((?:data\.)?[a-z]\w*\.[\w-]+)/g)) {
        const found = blocks.has(next) ? visit(next, [...path, address]) : [];
        if (found.length > 0) {
          return found;
        }
      }
      done.add(address);
      return [];
    };
    for (const address of blocks.keys()) {
      const found = visit(address, []);
      if (found.length > 0) {
        return found;
      }
    }
    return [];
  }

  /** Steps of the `terraform_data` whose construct has this path within the stack, in the order in which they run. */
  steps(path: string): StepJson[] {
    const { provisioner } = this.terraformData(path) as {
      provisioner: readonly { 'local-exec': { command: string; environment: Record<string, string> } }[];
    };
    return provisioner.map(({ 'local-exec': { command, environment } }) => {
      const { CDKTF_BRAINWAVE_SPECIFICATION: specification, ...others } = environment;
      return {
        name: command,
        specification: JSON.parse(withReferences(specification)) as unknown,
        environment: others,
      };
    });
  }

  /** The `terraform_data` whose construct has this path within the stack. */
  terraformData(path: string): Arguments {
    return this.at('terraform_data', path);
  }

  /** The resource of a type whose construct has this path within the stack. */
  at(type: string, path: string): Arguments {
    return only(
      path,
      Object.fromEntries(
        Object.entries(this.content.resource?.[type] ?? {}).filter(([name]) =>
          new RegExp(`^${path.replaceAll('/', '_')}_[0-9A-F]{8}$`).test(name),
        ),
      ),
    );
  }

  /**
   * The address of the only resource of a type.
   * @param kind end of the `type` of an `azapi_resource`: `workspaces/models`
   */
  address(type: string, kind?: string): string {
    const names = Object.keys(this.ofKind(type, kind));
    if (names.length !== 1) {
      throw new Error(`expected one ${type}, there are ${names.length}: ${names.join(', ')}`);
    }
    return `${type}.${names.join()}`;
  }

  private ofKind(type: string, kind?: string): Readonly<Record<string, Arguments>> {
    const found = Object.entries(this.content.resource?.[type] ?? {});
    return Object.fromEntries(
      found.filter(([, args]) => kind === undefined || String(args.type).includes(`${kind}@`)),
    );
  }
}

/** Encoded JSON in which Terraform's functions that encode a reference are replaced by the reference: `${…}`. */
function withReferences(json: string): string {
  return json
    .replace(/\$\{trimsuffix\(trimprefix\(jsonencode\(([^{}]+)\), "\\""\), "\\""\)\}/g, '$${$1}')
    .replace(/\$\{jsonencode\(([^{}]+)\)\}/g, (_, value: string) => JSON.stringify(`\${${value}}`));
}

/** Resources that come, go and change from one synthesized stack to another. */
export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** The arguments that change, by the resource's type: `spec.template.metadata.annotations`. */
  readonly changed: Readonly<Record<string, readonly string[]>>;
}

/** What Terraform would find different between two stacks, resource by resource and argument by argument. */
export function difference(before: TerraformJson, after: TerraformJson): Difference {
  const [old, now] = [before.resources, after.resources];
  const changed: Record<string, string[]> = {};
  for (const [address, args] of now) {
    const previous = old.get(address);
    const paths = previous ? differingPaths(previous, args) : [];
    if (paths.length > 0) {
      changed[typeOf(address)] = paths;
    }
  }
  const missing = (from: ReadonlyMap<string, Arguments>, other: ReadonlyMap<string, Arguments>) =>
    [...from.keys()]
      .filter((address) => !other.has(address))
      .map(typeOf)
      .sort();
  return { added: missing(now, old), removed: missing(old, now), changed };
}

/** The paths of leaves that differ, without positions in lists; CDKTF's own notes left out. */
function differingPaths(before: unknown, after: unknown, path: readonly string[] = []): string[] {
  if (JSON.stringify(before) === JSON.stringify(after) || path[0] === '//') {
    return [];
  }
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const paths = keys.flatMap((key) =>
      differingPaths(before[key], after[key], /^\d+$/.test(key) ? path : [...path, key]),
    );
    return [...new Set(paths)].sort();
  }
  return [path.join('.')];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function typeOf(address: string): string {
  return address.split('.')[0] ?? '';
}

function addresses(blocks: Blocks | undefined): ReadonlyMap<string, Arguments> {
  return new Map(
    Object.entries(blocks ?? {}).flatMap(([type, named]) =>
      Object.entries(named).map(([name, args]) => [`${type}.${name}`, args] as const),
    ),
  );
}

function only(type: string, named: Readonly<Record<string, Arguments>> | undefined): Arguments {
  const found = Object.values(named ?? {});
  if (found.length !== 1) {
    throw new Error(`expected one ${type}, there are ${found.length}`);
  }
  return found[0];
}
