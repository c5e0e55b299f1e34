import { Fn, Token, type TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';

import { ConstructError } from './construct-error';

/** The keys as a compute needs to know them. */
export interface ApiKeysConfiguration {
  /**
   * The compute makes the keys.
   * @default - the values below are used
   */
  readonly generated?: GeneratedApiKeysProps;
  /**
   * A sensitive token.
   * @default - made by the compute
   */
  readonly primaryKey?: string;
  /**
   * A sensitive token.
   * @default - made by the compute
   */
  readonly secondaryKey?: string;
  /**
   * Changes when a key does, and tells nothing of it.
   * @default - made by the compute
   */
  readonly revision?: string;
}

export interface GeneratedApiKeysProps {
  /**
   * Another text makes another primary key; the secondary one stays.
   * @default '1'
   */
  readonly primaryRotation?: string;
  /**
   * Another text makes another secondary key; the primary one stays.
   * @default '1'
   */
  readonly secondaryRotation?: string;
}

export interface VariableApiKeysProps {
  /** A sensitive variable without a default. */
  readonly primaryKey: TerraformVariable;
  /** A sensitive variable without a default. */
  readonly secondaryKey: TerraformVariable;
}

/**
 * The primary and the secondary key of a web service. Both are valid at once, so that clients can move to one
 * while the other is changed.
 */
export abstract class ApiKeys {
  /** Keys that are made at apply. */
  static generated(props: GeneratedApiKeysProps = {}): ApiKeys {
    return new GeneratedApiKeys(props);
  }

  /** Keys from sensitive Terraform variables (`TF_VAR_…`, a variable file, a workspace's variable). */
  static fromVariables(props: VariableApiKeysProps): ApiKeys {
    return new VariableApiKeys(props);
  }

  /** @internal */
  abstract bind(scope: Construct): ApiKeysConfiguration;
}

class GeneratedApiKeys extends ApiKeys {
  constructor(private readonly props: GeneratedApiKeysProps) {
    super();
  }

  bind(): ApiKeysConfiguration {
    const { primaryRotation = '1', secondaryRotation = '1' } = this.props;
    return { generated: { primaryRotation, secondaryRotation } };
  }
}

class VariableApiKeys extends ApiKeys {
  constructor(private readonly props: VariableApiKeysProps) {
    super();
  }

  bind(scope: Construct): ApiKeysConfiguration {
    const { primaryKey, secondaryKey } = this.props;
    requireSecret(scope, 'primaryKey', primaryKey);
    requireSecret(scope, 'secondaryKey', secondaryKey);
    return {
      primaryKey: primaryKey.stringValue,
      secondaryKey: secondaryKey.stringValue,
      revision: Token.asString(Fn.sha256(Fn.join('\n', [primaryKey.stringValue, secondaryKey.stringValue]))),
    };
  }
}

function requireSecret(scope: Construct, what: string, variable: TerraformVariable): void {
  if (variable.sensitive !== true) {
    throw new ConstructError(
      scope,
      `the variable of ${what} ("${variable.node.id}") is not sensitive; set sensitive: true, or Terraform prints the key`,
    );
  }
  if (variable.default !== undefined) {
    throw new ConstructError(
      scope,
      `the variable of ${what} ("${variable.node.id}") has a default, which would stand in the synthesized JSON; remove it`,
    );
  }
}
