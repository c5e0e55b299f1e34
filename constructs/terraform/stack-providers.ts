import { TerraformDataSource, TerraformProvider, TerraformResource, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

const checked = new WeakSet<TerraformStack>();

/** Providers that users declare; the library declares the others itself. */
const DECLARATIONS: Readonly<Record<string, string>> = {
  azurerm:
    "new AzurermProvider(stack, 'azurerm', { features: [{}] }), from '@cdktf/provider-azurerm/lib/provider'",
  azapi: "new AzapiProvider(stack, 'azapi'), from 'cdktf-brainwave'",
  acme: "new AcmeProvider(stack, 'acme', { serverUrl: AcmeProvider.LETS_ENCRYPT }), from 'cdktf-brainwave'",
};

/**
 * Makes synth reject a resource in the stack of `scope` whose provider is not declared, or only in another stack. A provider
 * belongs to its stack, and Terraform finds it by its alias. Resources that this stack adds to a workspace, cluster or zone
 * of another stack therefore need a provider with the same alias in this stack.
 * @internal
 */
export function requireProvidersInStack(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  if (!checked.has(stack)) {
    checked.add(stack);
    stack.node.addValidation({ validate: () => [...missingProviders(stack), ...strayProviders(stack)] });
  }
}

function missingProviders(stack: TerraformStack): string[] {
  const constructs = stack.node.findAll();
  const declared = new Set(
    constructs
      .filter((each) => TerraformProvider.isTerraformProvider(each))
      .map(({ terraformResourceType }) => terraformResourceType),
  );
  const firstUsers = new Map<string, string>();
  for (const construct of constructs) {
    const name = isResource(construct) ? construct.terraformGeneratorMetadata?.providerName : undefined;
    // With a provider of another stack, the other check says what to do.
    if (name !== undefined && !declared.has(name) && !firstUsers.has(name) && !providerOf(construct)) {
      firstUsers.set(name, construct.node.path);
    }
  }
  return [...firstUsers]
    .filter(([name]) => Object.hasOwn(DECLARATIONS, name))
    .map(
      ([name, user]) =>
        `${user}: its stack "${stack.node.path}" declares no provider ${name}; add ${DECLARATIONS[name]}`,
    );
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
  return isResource(construct) ? construct.provider : undefined;
}

function isResource(construct: unknown): construct is TerraformResource | TerraformDataSource {
  return (
    TerraformResource.isTerraformResource(construct) || TerraformDataSource.isTerraformDataSource(construct)
  );
}

/** Formats a provider as Terraform does: `azurerm`, `azurerm.america`. */
function providerName({ terraformResourceType, alias }: TerraformProvider): string {
  return alias === undefined ? terraformResourceType : `${terraformResourceType}.${alias}`;
}
