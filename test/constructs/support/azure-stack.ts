import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { Aspects, TerraformStack, type IAspect } from 'cdktf';
import type { IConstruct } from 'constructs';

import { AzapiProvider } from '../../../constructs';
import type { TestProject } from './test-project';

/** A stack with the providers that Azure needs. */
export function azureStack(project: TestProject, name?: string): TerraformStack {
  const stack = project.stack(name);
  new AzurermProvider(stack, 'azurerm', {
    features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }],
    storageUseAzuread: true,
  });
  new AzapiProvider(stack, 'azapi');
  return stack;
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
