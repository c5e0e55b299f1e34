/** `str` of a numpy array or, since numpy 2, of a number: `array([…])`, `np.float64(0.5)`. */
const NUMPY_VALUE = /\b(?:(?:np|numpy)\.\w+|array)\(/;

/**
 * Finds a numpy value in a body that a client wrote as text instead of JSON, such as `str(list(array))`. JSON libraries
 * reject it with only a position, which does not explain the problem.
 * @returns the type of the first value, such as `np.float64`, or undefined if the body has none or is JSON
 */
export function findNumpyValue(body: Buffer): string | undefined {
  if (body.indexOf('(') < 0) {
    return undefined;
  }
  const text = body.toString();
  const found = NUMPY_VALUE.exec(text)?.[0];
  // A string in JSON may contain anything.
  return found === undefined || isJson(text) ? undefined : found.slice(0, -1);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
