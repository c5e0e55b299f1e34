const RANGE = /^(\^|>=)\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?$/;
const VERSION = /^(\d+)\.(\d+)\.(\d+)/;

type Numbers = readonly [number, number, number];

/**
 * Whether a version is in a range as this package's own manifest writes them: `^1.2.3` or `>=1.2`.
 * @param version `1.2.3`; what follows, such as `-rc1`, does not count
 * @throws RangeError where the range is written in another way
 */
export function isInRange(version: string, range: string): boolean {
  const match = RANGE.exec(range);
  if (!match) {
    throw new RangeError(`the range is "${range}"; expected one like ^1.2.3 or >=1.2`);
  }
  const [, sign, ...written] = match as (string | undefined)[];
  const [leastMajor = 0, leastMinor = 0, leastPatch = 0] = written.map((number) => Number(number ?? 0));
  const least: Numbers = [leastMajor, leastMinor, leastPatch];
  const found = VERSION.exec(version)?.slice(1).map(Number);
  if (!found) {
    return false;
  }
  const [major, minor, patch] = found;
  const got: Numbers = [major, minor, patch];
  if (compare(got, least) < 0) {
    return false;
  }
  if (sign === '>=') {
    return true;
  }
  // What npm takes for compatible: all up to the first number that is not 0 stays the same.
  const fixed = least.findIndex((number) => number !== 0);
  return least.slice(0, fixed + 1).every((number, index) => number === got[index]);
}

function compare(one: Numbers, other: Numbers): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
