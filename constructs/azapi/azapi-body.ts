/**
 * Adds tags, if any, to the properties of a body.
 * @internal
 */
export function bodyWithTags(
  body: Record<string, unknown> = {},
  tags: Record<string, string> = {},
): Record<string, unknown> {
  const { properties } = body;
  return Object.keys(tags).length === 0
    ? body
    : { ...body, properties: { ...(properties as object | undefined), tags } };
}
