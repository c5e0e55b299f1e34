import { TerraformDataSource, TerraformProvider, TerraformResource, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

const checked = new WeakSet<TerraformStack>();

/**
 * Has synth refuse a resource in the stack of `scope` whose provider only another stack declares. A provider belongs to
 * its stack, and Terraform finds it by its alias: where a workspace, a cluster or a zone comes from another stack with a
 * provider of its own, what is added to it here needs one of that alias here, too.
 * @internal
 */
export function requireProvidersInStack(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  if (!checked.has(stack)) {
    checked.add(stack);
    stack.node.addValidation({ validate: () => strayProviders(stack) });
  }
}

function strayProviders(stack: TerraformStack): string[] {
  const constructs = stack.node.findAll();
  const declared = new Set(
    constructs.filter((each) => TerraformProvider.isTerraformProvider(each)).map(providerName),
  );
  const problems = new Map<string, string>();
  for (const construct of constructs) {
    const provider = providerOf(construct);
    if (provider && TerraformStack.of(provider) !== stack && !declared.has(providerName(provider))) {
      const name = providerName(provider);
      const message =
        `${construct.node.path}: its provider ${name} is declared in the stack "${TerraformStack.of(provider).node.path}" ` +
        `and not in its own, "${stack.node.path}"; declare one there, too` +
        (provider.alias === undefined ? '' : `, with alias: '${provider.alias}'`);
      problems.set(name, problems.get(name) ?? message);
    }
  }
  return [...problems.values()];
}

function providerOf(construct: unknown): TerraformProvider | undefined {
  return TerraformResource.isTerraformResource(construct) ||
    TerraformDataSource.isTerraformDataSource(construct)
    ? construct.provider
    : undefined;
}

/** As Terraform writes it: `azurerm`, `azurerm.america`. */
function providerName({ terraformResourceType, alias }: TerraformProvider): string {
  return alias === undefined ? terraformResourceType : `${terraformResourceType}.${alias}`;
}
