import { didYouMean } from './did-you-mean';

/**
 * All keys of an options type. The compiler rejects a list with a missing or an extra key. The value of a key is `true`,
 * or the keys of the option's value if that is an object or a list of objects:
 * `{ samples: { path: true }, labels: true }`.
 */
export type KnownKeys<T> = { readonly [Key in keyof T]-?: true | KnownKeys<ItemOf<NonNullable<T[Key]>>> };

type ItemOf<T> = T extends readonly (infer Item)[] ? Item : T;

/** A key that an options type does not have. */
export interface UnknownKey {
  /** Path of the key, such as `expect.labl` or `samples[1].expct`. */
  readonly option: string;
  /** Finding of the error message. */
  readonly finding: string;
  /** Remedy of the error message. */
  readonly remedy: string;
}

/**
 * Finds the first key that an options type does not have. Keys set to `undefined` are accepted, and class instances are
 * not checked.
 */
export function findUnknownKey<T extends object>(
  options: T,
  known: KnownKeys<NoInfer<T>>,
): UnknownKey | undefined {
  return findIn(options, known, '');
}

/** Describes a key that is not in `known`. `path` is the path of the object that contains it. */
export function unknownKey(key: string, known: readonly string[], path = ''): UnknownKey {
  const option = pathOf(path, key);
  return {
    option,
    finding: `unknown property ${option}`,
    remedy: didYouMean(key, known, (each) => pathOf(path, each)) ?? `use one of ${known.join(', ')}`,
  };
}

function findIn(value: unknown, known: unknown, path: string): UnknownKey | undefined {
  const keys = known as Readonly<Record<string, unknown>>;
  if (known !== true && (Array.isArray(value) || isPlainObject(value))) {
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) {
        const unknown = Array.isArray(value)
          ? findIn(item, keys, `${path}[${key}]`)
          : Object.hasOwn(keys, key)
            ? findIn(item, keys[key], pathOf(path, key))
            : unknownKey(key, Object.keys(keys), path);
        if (unknown) {
          return unknown;
        }
      }
    }
  }
  return undefined;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function pathOf(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
