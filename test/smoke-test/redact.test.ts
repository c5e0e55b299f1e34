import fc from 'fast-check';

import { redact } from '../../lib/smoke-test/redact';

/** The names of all properties, in their order, however deep. */
function namesIn(value: unknown): string[] {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, each]) => [name, ...namesIn(each)])
    : [];
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const keys = fc.string({ minLength: 1 });

describe('a value without its key', () => {
  it('has the names of its properties, and no text with the key, whatever the key is', () => {
    const valueAndKey = keys.chain((key) => {
      const text = fc.oneof(
        fc.string(),
        fc.tuple(fc.string(), fc.string()).map((parts) => parts.join(key)),
      );
      return fc.record({
        key: fc.constant(key),
        value: fc.object({ key: text, values: [text, fc.integer(), fc.constant(null)] }),
      });
    });
    fc.assert(
      fc.property(valueAndKey, ({ key, value }) => {
        const redacted = redact(value, key);
        expect(namesIn(redacted)).toEqual(namesIn(value));
        expect(textsIn(redacted)).toEqual(textsIn(value).map((text) => text.split(key).join('[key]')));
      }),
    );
  });

  it('keeps a report readable where the key is one of its words', () => {
    expect(redact({ checks: [{ name: 'tcp', detail: 'the check says "check"' }] }, 'check')).toEqual({
      checks: [{ name: 'tcp', detail: 'the [key] says "[key]"' }],
    });
  });
});
