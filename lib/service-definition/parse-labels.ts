/** The labels of a file, a line each; blank lines at the end are left out. @internal */
export function parseLabels(text: string): string[] {
  const trimmed = text.trimEnd();
  return trimmed === '' ? [] : trimmed.split('\n').map((line) => line.trim());
}
