/** Replacement for a key. */
const REDACTED = '[key]';

/**
 * A value in which no text holds the key: a service, or a proxy before it, may answer with what it was sent.
 * @param value of objects, arrays and primitives, as JSON has them; the names of properties, which are the report's
 * own, stay as they are
 * @param key not redacted where there is none
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
