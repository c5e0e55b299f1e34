import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { Ajv, type ValidateFunction } from 'ajv';

const FOLDER = path.resolve(__dirname, '../schemas/azapi');

/** Resources that send a body. An update sends a part of one. */
const KINDS = {
  azapi_resource: 'whole',
  azapi_resource_action: 'whole',
  azapi_update_resource: 'part',
} as const;

/** What azapi accepts beside the body and puts into it. */
const ATTRIBUTES = ['tags', 'location', 'identity'] as const;

interface AzapiBlock {
  readonly type: string;
  readonly body?: unknown;
  readonly sensitive_body?: unknown;
  readonly action?: string;
  readonly tags?: unknown;
  readonly location?: unknown;
  readonly identity?: unknown;
  readonly method?: string;
}

const validators = new Map<string, ValidateFunction>();

/**
 * Requires the body of every azapi resource of a synthesized stack to be what its kind's JSON Schema allows. A
 * misspelt property fails, and so does a kind that has no schema here.
 * @param json `cdk.tf.json`
 */
export function expectValidAzapiBodies(json: string): void {
  const problems = azapiBodyProblems(json);
  if (problems.length > 0) {
    throw new Error(`azapi bodies that Azure would refuse:\n${problems.join('\n')}`);
  }
}

/** What is wrong with the azapi bodies of a synthesized stack, one line each. */
export function azapiBodyProblems(json: string): string[] {
  const { resource = {} } = JSON.parse(json) as { resource?: Record<string, Record<string, AzapiBlock>> };
  return Object.entries(KINDS).flatMap(([kind, extent]) =>
    Object.entries(resource[kind] ?? {}).flatMap(([id, block]) => {
      // An action's request has a schema of its own, unless it writes the resource itself.
      if (kind === 'azapi_resource_action' && (block.action !== undefined || block.method !== 'PUT')) {
        return [];
      }
      return problemsOf(block, extent).map((problem) => `${kind}.${id} (${block.type}): ${problem}`);
    }),
  );
}

function problemsOf(block: AzapiBlock, extent: 'whole' | 'part'): string[] {
  const { type, body = {}, sensitive_body: sensitive } = block;
  const validate = validatorOf(type, extent);
  if (!validate) {
    return [`no schema in test/schemas/azapi`];
  }
  const { properties = {} } = validate.schema as { properties?: Record<string, unknown> };
  const misplaced = ATTRIBUTES.filter((name) => block[name] !== undefined && !(name in properties));
  const attributes = Object.fromEntries(
    ['tags', 'location'].flatMap((name) =>
      block[name as 'tags'] === undefined ? [] : [[name, block[name as 'tags']]],
    ),
  ) as Record<string, unknown>;
  validate(merge({ ...(body as object), ...(misplaced.length === 0 && attributes) }, sensitive));
  return [
    ...misplaced.map((name) => `the kind has no ${name}`),
    ...(validate.errors ?? []).map(
      ({ instancePath, message = '', params }) =>
        `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
    ),
  ];
}

function validatorOf(type: string, extent: 'whole' | 'part'): ValidateFunction | undefined {
  const key = `${type} ${extent}`;
  const known = validators.get(key);
  if (known) {
    return known;
  }
  const fileName = `${type.replace(/^Microsoft\./, '').replaceAll('/', '.')}.json`;
  if (!readdirSync(FOLDER).includes(fileName)) {
    return undefined;
  }
  const schema: unknown = JSON.parse(readFileSync(path.join(FOLDER, fileName), 'utf8'));
  const ajv = new Ajv({ allErrors: true, strict: false });
  const validate = ajv.compile((extent === 'part' ? withoutRequired(schema) : withTokens(schema)) as object);
  validators.set(key, validate);
  return validate;
}

/** A part of a body may lack what the whole must have. */
function withoutRequired(schema: unknown): unknown {
  return mapObjects(withTokens(schema), (object) => {
    const { required, ...others } = object;
    return Array.isArray(required) ? others : object;
  });
}

/** Where a value is no string, Terraform may still compute it: a reference is a string in the JSON. */
function withTokens(schema: unknown): unknown {
  return mapObjects(schema, (object) => {
    const isScalar = ['integer', 'number', 'boolean'].includes(String(object.type));
    return isScalar ? { anyOf: [object, { type: 'string', pattern: '^\\$\\{.*\\}$' }] } : object;
  });
}

function mapObjects(value: unknown, change: (object: Record<string, unknown>) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => mapObjects(item, change));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return change(
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapObjects(item, change)])),
  );
}

function merge(body: unknown, sensitive: unknown): unknown {
  if (!isObject(body) || !isObject(sensitive)) {
    return sensitive ?? body;
  }
  const merged: Record<string, unknown> = { ...body };
  for (const [key, value] of Object.entries(sensitive)) {
    merged[key] = merge(merged[key], value);
  }
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
