import { readOwnManifest } from '../../lib/doctor/installed-package';
import { isInRange } from '../../lib/doctor/version-range';

describe('a version', () => {
  it.each([
    ['14.23.1', '^14.0.0', true],
    ['15.0.0', '^14.0.0', false],
    ['13.9.9', '^14.0.0', false],
    ['0.21.3', '^0.21.0', true],
    ['0.22.0', '^0.21.0', false],
    ['0.20.9', '^0.21.0', false],
    ['10.4.1', '^10.4.2', false],
    ['1.30.0', '>=1.20.0', true],
    ['20.11.1', '>=20.12', false],
    ['22.0.0', '>=20.12', true],
    ['1.20.0-rc1', '>=1.20.0', true],
    ['next', '>=1.20.0', false],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(isInRange(version, range)).toBe(expected);
  });

  it('can be compared with every range of the package', async () => {
    const { engines, peerDependencies } = await readOwnManifest();
    const ranges = [engines.node, ...Object.values(peerDependencies)];

    expect(ranges.length).toBeGreaterThan(5);
    for (const range of ranges) {
      expect(isInRange('0.0.1', range)).toBe(false);
    }
  });

  it('is not compared with a range of another kind', () => {
    expect(() => isInRange('1.2.3', '1.x || 2.x')).toThrow(
      'the range is "1.x || 2.x"; expected one like ^1.2.3',
    );
  });
});
