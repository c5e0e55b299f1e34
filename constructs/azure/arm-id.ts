import { Fn, Token } from 'cdktf';

/** Positions of the parts of an ARM id. The id starts with a slash, so the first part is empty. */
const PARTS = { subscription: 2, resourceGroup: 4, name: 8 } as const;

/**
 * Returns a part of the ARM id of a top-level resource, `/subscriptions/…/resourceGroups/…/providers/<provider>/<type>/<name>`.
 * The id can be a token.
 * @internal
 */
export function armIdPart(id: string, part: keyof typeof PARTS): string {
  const index = PARTS[part];
  return Token.isUnresolved(id)
    ? Token.asString(Fn.element(Fn.split('/', id), index))
    : (id.split('/')[index] ?? '');
}
