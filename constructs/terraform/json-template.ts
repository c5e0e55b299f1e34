import { Fn, Lazy, Token } from 'cdktf';

/** A string that Terraform renders to the JSON of a value of type `T`. @internal */
export type JsonTemplate<T> = string & { readonly _json: T };

/**
 * Returns a value as JSON, in a string for Terraform. Values known at synth are preserved exactly, and Terraform resolves
 * the tokens. Properties that are `undefined` are omitted.
 *
 * `Fn.jsonencode` of cdktf 0.21 escapes neither quotes nor backslashes within objects, nor `%{`.
 * For the same reason, do not pass the result to another function of `Fn`, such as `Fn.sha256`: cdktf does not escape its
 * quotes there. Use it as an argument of a resource, or as the value of a `TerraformLocal` whose reference goes to `Fn`.
 * @internal
 */
export function jsonTemplate<T>(value: T): JsonTemplate<T> {
  return template(value) as JsonTemplate<T>;
}

/** Like `jsonTemplate`, for a value that is complete only when the stack is synthesized. @internal */
export function lazyJsonTemplate<T>(produce: () => T): JsonTemplate<T> {
  return Lazy.stringValue({ produce: () => jsonTemplate(produce()) }) as JsonTemplate<T>;
}

function template(value: unknown): string {
  if (typeof value === 'string') {
    return jsonString(value);
  }
  if (Token.isUnresolved(value)) {
    return Fn.jsonencode(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(template).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const properties = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => `${jsonString(key)}:${template(item)}`);
    return `{${properties.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Matches a string token within a string, before it is resolved. */
const TOKEN = /(\$\{TfToken\[[^\]]+\]\})/;

function jsonString(text: string): string {
  if (!Token.isUnresolved(text)) {
    return `"${jsonCharacters(text)}"`;
  }
  const parts = text.split(TOKEN).filter((part) => part !== '');
  if (parts.length === 1) {
    return Fn.jsonencode(text);
  }
  const encoded = parts.map((part) =>
    Token.isUnresolved(part) ? tokenCharacters(part) : jsonCharacters(part),
  );
  return `"${encoded.join('')}"`;
}

/** Encodes a literal within quotes. `\u0024` is `$` in JSON and does not start an interpolation in Terraform. */
function jsonCharacters(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[$%](?=\{)/g, (sign) => (sign === '$' ? '\\u0024' : '\\u0025'));
}

/** Encodes a token within quotes: as JSON, without the quotes that Terraform adds. */
function tokenCharacters(token: string): string {
  const quote = '\\"';
  return Fn.trimsuffix(Fn.trimprefix(Fn.jsonencode(token), quote), quote);
}

/**
 * Escapes a user's text so that Terraform reads it literally: `${` and `%{` do not start a template. Tokens are preserved.
 * @internal
 */
export function literalText(text: string): string {
  return Token.isUnresolved(text) ? text : text.replace(/[$%](?=\{)/g, '$&$&');
}
