import { TerraformResource } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireKnown, requirePattern } from '../validation/synth-value';
import type { AzureNameRule } from './azure-name';
import { derivedName } from './derived-name';

/** Parts of the names of Azure resources. */
export interface AzureNamingProps {
  /**
   * Name of the application. Names of storage accounts, key vaults and container registries are unique across Azure: choose
   * one that others do not use, such as `contosoplants`.
   */
  readonly workload: string;
  /** Stage of the deployment, such as `dev` or `prod`. */
  readonly environment: string;
  /** Azure region, or an abbreviation of it that fits into the 24 characters of vaults and storage accounts, such as `weu`. */
  readonly region: string;
  /** Number that distinguishes deployments of the same workload, such as `001`. @default - none */
  readonly instance?: string | undefined;
}

const PROPS: KnownKeys<AzureNamingProps> = {
  workload: true,
  environment: true,
  region: true,
  instance: true,
};

/**
 * Names the Azure resources that are declared after it in its scope by the Cloud Adoption Framework: abbreviation of the
 * resource type, workload, environment, region, instance. Identities, addresses and other resources of which a workload has
 * several also contain the ids of their constructs. Names that are set on constructs take precedence, and types without an
 * abbreviation keep the names that are derived from the construct paths.
 *
 * ```ts fragment
 * new AzureNaming(stack, 'Naming', { workload: 'scoring', environment: 'prod', region: 'weu' });
 * new Workspace(stack, 'Workspace', { location }); // mlw-scoring-prod-weu in rg-scoring-prod-weu
 * ```
 *
 * @see https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/resource-abbreviations
 */
export class AzureNaming extends Construct {
  private readonly owners = new Map<string, string>();
  private readonly outer: IConstruct;
  private readonly suffix: string[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureNamingProps,
  ) {
    super(scope, id);
    requireKnownProps(this, props, PROPS);
    for (const [option, value] of Object.entries(props) as [string, string | undefined][]) {
      if (value !== undefined) {
        requireKnown(this, option, value);
        requirePattern(
          this,
          option,
          value,
          /^[a-z0-9]+(-[a-z0-9]+)*$/,
          'lowercase letters, digits and single "-" between them, such as scoring or weu',
        );
      }
    }
    this.outer = scope;
    const other = namingsIn(scope).find((each) => each !== this);
    if (other) {
      throw new ConstructError(this, `the scope already has ${other.node.path}; remove one of them`);
    }
    const named = scope.node.findAll().find((each) => TerraformResource.isTerraformResource(each));
    if (named) {
      throw new ConstructError(
        this,
        `${named.node.path} already has a name, because it is declared before; declare AzureNaming first in its scope`,
      );
    }
    const { environment, region, instance } = props;
    this.suffix = [environment, region, ...(instance === undefined ? [] : [instance])];
  }

  /**
   * Name of a resource, or `undefined` if its type has no abbreviation.
   * @param purpose what distinguishes it from others of the construct
   * @throws ConstructError if the name is invalid, or is that of another construct
   * @internal
   */
  _nameOf(scope: IConstruct, rule: AzureNameRule, purpose = ''): string | undefined {
    const { abbreviation, perWorkload = false, kind, separator, maxLength, minLength, pattern } = rule;
    if (abbreviation === undefined) {
      return undefined;
    }
    const isValid = (name: string): boolean =>
      name.length >= minLength && name.length <= maxLength && pattern.test(name);
    const named = (...parts: string[]): string =>
      derivedName(
        [abbreviation, this.props.workload, ...parts, ...this.suffix].join('/'),
        { maxLength: perWorkload ? Infinity : maxLength, separator, letterFirst: true },
        perWorkload ? undefined : isValid,
      );
    if (!perWorkload) {
      return named(scope.node.path.slice(this.outer.node.path.length), purpose);
    }
    const name = named();
    const owner = this.owners.get(name) ?? scope.node.path;
    this.owners.set(name, owner);
    if (owner !== scope.node.path) {
      throw new ConstructError(
        scope,
        `the name of ${kind} would be "${name}", as in ${owner}; set the name of one of them, or declare one in a scope ` +
          'with an AzureNaming of its own',
      );
    }
    if (!isValid(name)) {
      throw new ConstructError(
        scope,
        `the name of ${kind} would be "${name}" (${name.length} characters), expected ${rule.expected}; shorten the workload, ` +
          `environment or region of ${this.node.path}, or set the name`,
      );
    }
    return name;
  }
}

/**
 * Name of a resource by the `AzureNaming` of the innermost scope that has one.
 * @returns `undefined` if no scope has one, or the type has no abbreviation
 * @internal
 */
export function conventionalName(
  scope: IConstruct,
  rule: AzureNameRule,
  purpose?: string,
): string | undefined {
  return scope.node.scopes.flatMap(namingsIn).at(-1)?._nameOf(scope, rule, purpose);
}

function namingsIn(scope: IConstruct): AzureNaming[] {
  return scope.node.children.filter((each): each is AzureNaming => '_nameOf' in each);
}
