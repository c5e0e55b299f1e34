import { Token } from 'cdktf';

/**
 * A user's text as Terraform must read it to mean the same: `${` and `%{` begin nothing. Tokens stay what they are.
 * @internal
 */
export function literalText(text: string): string {
  return Token.isUnresolved(text) ? text : text.replace(/[$%](?=\{)/g, '$&$&');
}
