import type { TerraformStack } from 'cdktf';

import { synthStack } from '../../../constructs/testing';

/** A block's arguments as Terraform reads them. */
export type Arguments = Readonly<Record<string, unknown>>;

type Blocks = Readonly<Record<string, Readonly<Record<string, Arguments>>>>;

interface Content {
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly provider?: Readonly<Record<string, readonly Arguments[]>>;
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

  /** The only resource of a type. */
  only(type: string): Arguments {
    return only(type, this.content.resource?.[type]);
  }

  /** The only data source of a type. */
  data(type: string): Arguments {
    return only(`data.${type}`, this.content.data?.[type]);
  }

  /** The address of the only resource of a type. */
  address(type: string): string {
    const names = Object.keys(this.content.resource?.[type] ?? {});
    if (names.length !== 1) {
      throw new Error(`expected one ${type}, there are ${names.length}: ${names.join(', ')}`);
    }
    return `${type}.${names.join()}`;
  }
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
