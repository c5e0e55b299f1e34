import type { ResourceType } from '../resource-type';

export const marketplaceOrdering: Readonly<Record<string, ResourceType>> = {
  'Microsoft.MarketplaceOrdering/offerTypes/publishers/offers/plans/agreements': {},
};
