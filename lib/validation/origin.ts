/**
 * Describes an option that must list the origins of web pages: `allowedOrigins[0] is "https://a.example/"; expected …`. The caller
 * throws an error with this text.
 * @returns undefined if each is an origin as browsers send it, or `*` for all
 */
export function originProblem(option: string, origins: readonly string[] = []): string | undefined {
  const index = origins.findIndex((origin) => origin !== '*' && originOf(origin) !== origin);
  return index < 0
    ? undefined
    : `${option}[${index}] is "${origins[index]}"; expected the origin of a page without a path, such as ` +
        'https://app.example.com, or "*" for every page';
}

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}
