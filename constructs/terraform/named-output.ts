import { TerraformOutput, TerraformStack, type TerraformOutputConfig } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * Declares an output of the stack whose name scripts can rely on: the construct's path in the stack and the name of the
 * value, such as `classifier_service_ip_address`. CDKTF's own name ends with a hash.
 * @param name name of the value in snake case, such as `ip_address`
 * @internal
 */
export function namedOutput(scope: Construct, name: string, config: TerraformOutputConfig): void {
  const path = scope.node.path.slice(TerraformStack.of(scope).node.path.length + 1);
  const output = new TerraformOutput(scope, name, config);
  output.overrideLogicalId(`${snakeCase(path)}_${name}`);
}

function snakeCase(path: string): string {
  return path
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/\W+/g, '_')
    .toLowerCase();
}
