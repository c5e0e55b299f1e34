import { Fn, Token } from 'cdktf';

/**
 * A value as JSON, in a string for Terraform: what is known at synth arrives as it is, whatever its
 * characters, and Terraform fills in the tokens. Properties that are `undefined` are left out.
 *
 * `Fn.jsonencode` of cdktf 0.21 escapes neither quotes nor backslashes within objects, nor `%{`.
 * @internal
 */
export function jsonTemplate(value: unknown): string {
  if (typeof value === 'string') {
    return jsonString(value);
  }
  if (Token.isUnresolved(value)) {
    return Fn.jsonencode(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(jsonTemplate).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const properties = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => `${jsonString(key)}:${jsonTemplate(item)}`);
    return `{${properties.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** What a string token looks like within a string, before it is resolved. */
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

/** A literal within quotes. `\u0024` is `$` in JSON, and begins no interpolation in Terraform. */
function jsonCharacters(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[$%](?=\{)/g, (sign) => (sign === '$' ? '\\u0024' : '\\u0025'));
}

/** A token within quotes: as JSON, without the quotes that Terraform puts around it. */
function tokenCharacters(token: string): string {
  const quote = '\\"';
  return Fn.trimsuffix(Fn.trimprefix(Fn.jsonencode(token), quote), quote);
}
