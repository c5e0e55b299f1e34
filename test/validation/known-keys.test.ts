import { findUnknownKey, type KnownKeys } from '../../lib/validation/known-keys';

interface Options {
  readonly host: string;
  readonly expect?: { readonly label?: string; readonly equalTo?: unknown };
  readonly samples?: readonly { readonly path: string }[];
}

const known: KnownKeys<Options> = {
  host: true,
  expect: { label: true, equalTo: true },
  samples: { path: true },
};

const find = (options: object) => findUnknownKey(options as Options, known);

it('accepts the keys of the type, at every depth', () => {
  expect(find({ host: 'a', expect: { label: 'cat' }, samples: [{ path: 'cat.jpg' }] })).toBeUndefined();
});

it('looks only into what is listed: a value of any type may have any key', () => {
  expect(find({ host: 'a', expect: { equalTo: { anything: 1 } } })).toBeUndefined();
});

it.each([
  [{ hots: 'a' }, 'hots', 'did you mean host?'],
  [{ expect: { labl: 'cat' } }, 'expect.labl', 'did you mean expect.label?'],
  [{ samples: [{ path: 'a' }, { pth: 'b' }] }, 'samples[1].pth', 'did you mean samples[1].path?'],
  [{ colour: 'red' }, 'colour', 'use one of host, expect, samples'],
  [JSON.parse('{"__proto__": 1}') as object, '__proto__', 'use one of host, expect, samples'],
  [{ toString: 1 }, 'toString', 'use one of host, expect, samples'],
])('finds the unknown key in %j', (options, option, remedy) => {
  expect(find(options)).toEqual({ option, finding: `unknown property ${option}`, remedy });
});

it('accepts an unknown key that is undefined, as spreading leaves it', () => {
  expect(find({ host: 'a', other: undefined })).toBeUndefined();
});

it('does not look into instances of classes, such as values that Terraform resolves', () => {
  class Later {
    readonly resolve = 1;
  }
  expect(find({ host: 'a', expect: new Later() })).toBeUndefined();
});

it('is complete by the compiler', () => {
  // @ts-expect-error -- samples is missing
  const incomplete: KnownKeys<Options> = { host: true, expect: true };
  // @ts-expect-error -- no option is called port
  const other: KnownKeys<Options> = { host: true, expect: true, samples: true, port: true };
  expect([incomplete, other]).toHaveLength(2);
});
