/** JSON as Azure's APIs exchange it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** An object of Azure's APIs; properties that are `undefined` are not sent. */
export interface JsonObject {
  [name: string]: Json | undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a property, or `''` if it has none. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The object of a property, or an empty one that is not stored anywhere. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The objects of a list, or none. */
export function objectsOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The object of a property, which is added if it is missing. */
export function ensureObject(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  if (isObject(value)) {
    return value;
  }
  const added: JsonObject = {};
  parent[name] = added;
  return added;
}

/** Sets the properties that are missing or null, at any depth, as a service does. */
export function fill(target: JsonObject, defaults: JsonObject): void {
  for (const [name, value] of Object.entries(defaults)) {
    const current = target[name];
    if (isObject(value) && isObject(current)) {
      fill(current, value);
    } else if (current === undefined || current === null) {
      target[name] = structuredClone(value);
    }
  }
}

/** Merges a `PATCH` into an object. */
export function merge(target: JsonObject, patch: JsonObject): void {
  for (const [name, value] of Object.entries(patch)) {
    const current = target[name];
    if (isObject(value) && isObject(current)) {
      merge(current, value);
    } else {
      target[name] = value;
    }
  }
}
