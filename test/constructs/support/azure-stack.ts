import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { type App, Aspects, TerraformStack, type IAspect } from 'cdktf';
import type { IConstruct } from 'constructs';

import { AzapiProvider } from '../../../constructs';
import type { TestProject } from './test-project';

/** A stack with the providers that Azure needs. */
export function azureStack(project: TestProject, name?: string, app?: App): TerraformStack {
  const stack = project.stack(name, app);
  new AzurermProvider(stack, 'azurerm', {
    features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }],
    storageUseAzuread: true,
  });
  new AzapiProvider(stack, 'azapi');
  return stack;
}

/** A stack of an app with a context, as cdktf.json sets it. */
export function azureStackWithContext(
  project: TestProject,
  context: Readonly<Record<string, unknown>>,
  name?: string,
): TerraformStack {
  // As the command-line interface of CDKTF passes it.
  process.env.CDKTF_CONTEXT_JSON = JSON.stringify(context);
  try {
    return azureStack(project, name);
  } finally {
    delete process.env.CDKTF_CONTEXT_JSON;
  }
}

interface Taggable {
  tags?: Record<string, string>;
  readonly tagsInput?: Record<string, string>;
}

/** Tags everything that can be, as the CDKTF's documentation shows it. */
export function tagAll(stack: TerraformStack, tags: Record<string, string>): void {
  const aspect: IAspect = {
    visit(node: IConstruct) {
      if ('tags' in node && 'tagsInput' in node) {
        const taggable = node as IConstruct & Taggable;
        taggable.tags = { ...taggable.tagsInput, ...tags };
      }
    },
  };
  Aspects.of(stack).add(aspect);
}
