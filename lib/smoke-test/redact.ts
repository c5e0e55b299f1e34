/** Replacement for a key. */
const REDACTED = '[key]';

/**
 * Returns a value with the key removed from all strings, because a service or a proxy can echo the request.
 * @param value JSON value; property names, which are those of the report, are not changed
 * @param key key to remove; if `undefined`, the value is returned unchanged
 */
export function redact<T>(value: T, key: string | undefined): T {
  return key === undefined || key === '' ? value : (without(value, key) as T);
}

function without(value: unknown, key: string): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(key, REDACTED);
  }
  if (Array.isArray(value)) {
    return value.map((each) => without(each, key));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, without(each, key)]));
  }
  return value;
}
