import type * as z from 'zod';

import { ServiceDefinitionError } from './service-definition-content';
import { serviceDefinitionSchema, stageSchema, type ServiceDefinitionJson } from './service-definition-json';
import { DEFINITION_ENTRY } from './zip-writer';

const SHOWN_PROBLEMS = 5;
const SHOWN_CHARACTERS = 200;
const STAGE_TYPES = stageSchema.options.map(({ shape }) => shape.type.value).join(', ');

/**
 * Checks `service_def.json` against its schema.
 * @throws ServiceDefinitionError with the stage and field of each problem
 */
export function parseServiceDefinition(json: unknown): ServiceDefinitionJson {
  const parsed = serviceDefinitionSchema.safeParse(json);
  if (parsed.success) {
    return parsed.data;
  }
  const { issues } = parsed.error;
  const shown = issues.slice(0, SHOWN_PROBLEMS).map((issue) => describe(issue, json));
  if (issues.length > SHOWN_PROBLEMS) {
    shown.push(`and ${issues.length - SHOWN_PROBLEMS} more`);
  }
  throw new ServiceDefinitionError(
    `${DEFINITION_ENTRY} does not describe a pipeline that this version supports: ${shown.join('; ')}`,
    { cause: parsed.error },
  );
}

function describe(issue: z.core.$ZodIssue, json: unknown): string {
  const [first, index, ...field] = issue.path;
  const inStage = first === 'pipeline' && typeof index === 'number';
  const stage = inStage ? (json as { pipeline: unknown[] }).pipeline[index] : undefined;
  const where = inStage
    ? [stageName(stage, index), ...(field.length > 0 ? [field.join('.')] : [])]
    : issue.path.length > 0
      ? [issue.path.join('.')]
      : [];
  return shorten([...where, problem(issue)].join(': '));
}

function problem(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_union'
    ? `expected one of ${STAGE_TYPES}`
    : issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
}

function stageName(stage: unknown, index: number): string {
  const name = (stage as { name?: unknown } | null)?.name;
  return typeof name === 'string' && name !== '' ? `stage "${shorten(name)}"` : `stage ${index + 1}`;
}

/** The file is untrusted, so its content must not flood a log. */
function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
