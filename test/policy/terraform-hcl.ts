type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The resources of a synthesized stack. */
export interface ResourcesJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Json>>>>>>;
}

/**
 * Writes the resources of a stack in Terraform's native syntax. Trivy does not read nested blocks, such as `network_rules`, in JSON. Maps,
 * such as `tags`, become blocks, too, which no check looks at.
 */
export function resourcesAsHcl({ resource = {} }: ResourcesJson): string {
  return Object.entries(resource)
    .flatMap(([type, named]) =>
      Object.entries(named).map(([name, args]) => block(`resource "${type}" "${name}"`, args)),
    )
    .join('\n');
}

function block(header: string, content: Readonly<Record<string, Json>>): string {
  const lines = Object.entries(content)
    .filter(([key]) => key !== '//')
    .flatMap(([key, value]) => {
      const values = Array.isArray(value) ? (value as readonly Json[]) : [value];
      return values.length > 0 && values.every(isBlock)
        ? values.map((each) => block(key, each))
        : [`${key} = ${JSON.stringify(value, (_, part: unknown) => withoutExpressions(part))}`];
    });
  return `${header} {\n${lines.join('\n')}\n}`;
}

/** Leaves out expressions that contain strings, whose quotes JSON escapes. References stay: checks follow them. */
function withoutExpressions(value: unknown): unknown {
  return typeof value === 'string' && /\$\{[^}]*"/.test(value) ? value.replace(/\$\{.*\}/s, '') : value;
}

/** Whether a value can be a block. A key such as `app.kubernetes.io/name` is that of a map. */
function isBlock(value: Json): value is Readonly<Record<string, Json>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((key) => /^[a-z]\w*$/i.test(key))
  );
}
