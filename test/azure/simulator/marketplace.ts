import { AzureError } from './azure-error';
import { bodyOf, jsonResponse, type AzureRequest, type AzureResponse } from './http';
import { now } from './identity';
import { objectOf, type JsonObject } from './json';
import { subscriptionId } from './resource-id';
import type { Azure } from './resource-type';

/** A plan of a Marketplace image in a subscription. */
export interface MarketplacePlan {
  readonly subscriptionId: string;
  readonly publisher: string;
  readonly offer: string;
  readonly plan: string;
}

const PLAN = /\/(?:publishers|agreements)\/([^/]+)\/offers\/([^/]+)\/plans\/([^/]+)(\/\w+)?/;

/** The id of the agreement to the terms of a plan. */
export function agreementId({
  subscriptionId: subscription,
  publisher,
  offer,
  plan,
}: MarketplacePlan): string {
  return (
    `/subscriptions/${subscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine` +
    `/publishers/${publisher}/offers/${offer}/plans/${plan}/agreements/current`
  );
}

/**
 * Agreements to the terms of Marketplace images: read and accepted by one path, signed and canceled by another. Only those
 * that are accepted are resources.
 *
 * @see https://learn.microsoft.com/rest/api/marketplaceordering/marketplace-agreements
 */
export function answerMarketplace(azure: Azure, request: AzureRequest, path: string): AzureResponse {
  const [, publisher, offer, plan, operation] = (PLAN.exec(path) ?? []) as (string | undefined)[];
  if (publisher === undefined || offer === undefined || plan === undefined) {
    throw new AzureError(404, 'NotFound', `There is no agreement ${path}.`);
  }
  const terms = { subscriptionId: subscriptionId(path), publisher, offer, plan };
  const id = agreementId(terms);
  const accepts =
    request.method === 'PUT' ? objectOf(bodyOf(request).properties).accepted === true : operation === '/sign';
  if (accepts) {
    azure.put(id, { properties: agreement(terms, true) });
  } else if (request.method === 'PUT' || operation === '/cancel') {
    azure.remove(id);
  }
  return jsonResponse(200, azure.find(id) ?? { id, name: plan, properties: agreement(terms, false) });
}

function agreement({ publisher, offer, plan }: MarketplacePlan, accepted: boolean): JsonObject {
  return {
    publisher,
    product: offer,
    plan,
    accepted,
    signature: 'signature',
    licenseTextLink: 'https://example.com/license',
    privacyPolicyLink: 'https://example.com/privacy',
    retrieveDatetime: now(),
  };
}
