import type { TerraformStack } from 'cdktf';

import { synthStack } from '../../../constructs/testing';

/** A `terraform_data` as Terraform reads it. */
export interface DataResourceJson {
  readonly depends_on?: readonly string[];
  readonly input?: { readonly specification: string };
  readonly triggers_replace?: Readonly<Record<string, string>>;
  readonly provisioner: readonly { readonly 'local-exec': LocalExecJson }[];
}

export interface LocalExecJson {
  readonly command: string;
  readonly interpreter: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly when?: string;
}

interface StackJson {
  readonly resource?: { readonly terraform_data?: Readonly<Record<string, DataResourceJson>> };
  readonly output?: Readonly<Record<string, { readonly value: unknown; readonly sensitive?: boolean }>>;
  readonly data?: unknown;
}

/** A synthesized stack, asked for what is in it. */
export class Synthesized {
  readonly json: string;
  readonly warnings: readonly string[];
  private readonly content: StackJson;

  constructor(stack: TerraformStack) {
    const { json, annotations } = synthStack(stack);
    this.json = json;
    this.warnings = annotations
      .filter(({ level }) => level === 'warning')
      .map(({ path, message }) => `${path}: ${message}`);
    this.content = JSON.parse(json) as StackJson;
  }

  get resources(): Readonly<Record<string, DataResourceJson>> {
    return this.content.resource?.terraform_data ?? {};
  }

  get outputs(): NonNullable<StackJson['output']> {
    return this.content.output ?? {};
  }

  /** The name of the resource whose construct has this path within the stack, `Service/Configuration`. */
  name(path: string): string {
    // CDKTF names a child that has its parent's name once.
    const parts = path.split('/').filter((part, index, all) => part !== all[index - 1]);
    const prefix = `${parts.join('_')}_`;
    const names = Object.keys(this.resources).filter((name) =>
      /^[0-9A-F]{8}$/.test(name.replace(prefix, '')),
    );
    if (names.length !== 1) {
      throw new Error(
        `expected one resource of ${path}, there are: ${Object.keys(this.resources).join(', ')}`,
      );
    }
    return names.join();
  }

  resource(path: string): DataResourceJson {
    return this.resources[this.name(path)];
  }

  /** The steps of a resource, with the specifications that Terraform hands them. */
  steps(path: string): { name: string; when: string; specification: unknown }[] {
    const { provisioner, input } = this.resource(path);
    return provisioner.map(({ 'local-exec': { command, environment, when } }) => {
      const text = environment.CDKTF_BRAINWAVE_SPECIFICATION.replace(
        // A value that is a reference as a whole: Terraform renders a string here.
        /\$\{jsonencode\(([\w.]+)\)\}/g,
        '"$${$1}"',
      );
      return {
        name: command,
        when: when ?? 'create',
        specification: JSON.parse(
          text === '${self.input.specification}' ? (input?.specification ?? '') : text,
        ) as unknown,
      };
    });
  }
}

/**
 * The paths that Terraform replaces when one synthesized stack follows another: those whose triggers differ, and
 * those whose triggers refer to one of them.
 */
export function replaced(before: Synthesized, after: Synthesized): string[] {
  const names = new Set<string>();
  const triggers = (stack: Synthesized, name: string) =>
    JSON.stringify(stack.resources[name].triggers_replace ?? null);
  for (let found = -1; found !== names.size;) {
    found = names.size;
    for (const name of Object.keys(after.resources)) {
      const now = triggers(after, name);
      const refers = [...names].some((other) => now.includes(`terraform_data.${other}.`));
      if (refers || !(name in before.resources) || triggers(before, name) !== now) {
        names.add(name);
      }
    }
  }
  return [...names].map((name) => name.replace(/_[0-9A-F]{8}$/, '').replaceAll('_', '/')).sort();
}
