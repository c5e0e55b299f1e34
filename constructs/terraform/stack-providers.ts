import { TerraformDataSource, TerraformProvider, TerraformResource, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

const checked = new WeakSet<TerraformStack>();

/**
 * Makes synth reject a resource in the stack of `scope` whose provider is declared only in another stack. A provider
 * belongs to its stack, and Terraform finds it by its alias. Resources that this stack adds to a workspace, cluster or zone
 * of another stack therefore need a provider with the same alias in this stack.
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
        `but not in its own stack "${stack.node.path}"; declare it there, too` +
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

/** Formats a provider as Terraform does: `azurerm`, `azurerm.america`. */
function providerName({ terraformResourceType, alias }: TerraformProvider): string {
  return alias === undefined ? terraformResourceType : `${terraformResourceType}.${alias}`;
}
