import { UsageError } from './report-failure';

/** @throws UsageError unless the value of the option is a number from 0 */
export function nonNegativeNumber(option: string, value: string): number {
  const parsed = Number(value);
  if (value.trim() === '' || !(parsed >= 0)) {
    throw new UsageError(`${option} is "${value}"; expected a number from 0`);
  }
  return parsed;
}
