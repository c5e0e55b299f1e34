import { DefaultTokenResolver, StringConcat, Tokenization } from 'cdktf';
import type { IConstruct } from 'constructs';

/**
 * Whether two values will be the same, also where they are tokens: a resource's attribute is another token each time
 * it is asked for.
 * @internal
 */
export function isSameValue(scope: IConstruct, left: string, right: string): boolean {
  return left === right || resolved(scope, left) === resolved(scope, right);
}

function resolved(scope: IConstruct, value: string): string {
  const resolver = new DefaultTokenResolver(new StringConcat());
  return JSON.stringify(Tokenization.resolve(value, { scope, resolver, preparing: false }));
}
