import { Fn, Token } from 'cdktf';

/**
 * A secret that stays one in whatever stack it is used. CDKTF's output of a value that crosses stacks is sensitive, but
 * `terraform_remote_state` hands it to the other stack as any text: that one's plan would print it.
 * @internal
 */
export function sensitiveToken(value: string): string {
  return Token.asString(Fn.sensitive(value));
}
