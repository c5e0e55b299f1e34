import { z } from 'zod';

/** Fields of all Terraform messages. */
interface Message {
  /** Human-readable text: `terraform_data.service: Creating...`. */
  readonly message: string;
}

interface ResourceMessage extends Message {
  /** Address of the resource: `module.a.terraform_data.service[0]`. */
  readonly address: string;
}

/** First message, with the product and the version of the format. */
export interface VersionEvent extends Message {
  readonly type: 'version';
  readonly product: 'terraform' | 'opentofu';
  readonly version: string;
  /** Version of the message format: `1.2`. */
  readonly ui: string;
}

export interface PlannedChangeEvent extends ResourceMessage {
  readonly type: 'planned_change';
  /** `create`, `update`, `delete`, `replace`, `read`, `noop`, `move`, `import`, `remove`. */
  readonly action: string;
  /** Reason, if any: `tainted`, `cannot_update`, … */
  readonly reason?: string;
}

export interface ApplyStartEvent extends ResourceMessage {
  readonly type: 'apply_start';
  readonly action: string;
}

/** Sent every ten seconds, and at the end. */
export interface ApplyEvent extends ResourceMessage {
  readonly type: 'apply_progress' | 'apply_complete' | 'apply_errored';
  readonly action: string;
  readonly elapsedSeconds: number;
}

export interface ProvisionEvent extends ResourceMessage {
  readonly type: 'provision_start' | 'provision_complete' | 'provision_errored';
  /** `local-exec`. */
  readonly provisioner: string;
}

/** A line of output of a provisioner, or Terraform's message about it (`Executing: …`, `(output suppressed …)`). */
export interface ProvisionProgressEvent extends ResourceMessage {
  readonly type: 'provision_progress';
  readonly provisioner: string;
  readonly output: string;
}

/** Number of resources that a plan would change or an apply has changed. */
export interface ChangeSummaryEvent extends Message {
  readonly type: 'change_summary';
  readonly operation: 'plan' | 'apply' | 'destroy';
  readonly add: number;
  readonly change: number;
  readonly remove: number;
  readonly import: number;
}

export interface OutputsEvent extends Message {
  readonly type: 'outputs';
  readonly outputs: Readonly<Record<string, TerraformOutput>>;
}

export interface TerraformOutput {
  readonly sensitive: boolean;
  /** Absent during a plan, and always if the output is sensitive. */
  readonly value?: unknown;
  /** During a plan: `create`, `update`, `delete`, `noop`. */
  readonly action?: string;
}

export interface DiagnosticEvent extends Message {
  readonly type: 'diagnostic';
  /** `error` or `warning`. */
  readonly severity: string;
  readonly summary: string;
  /** Empty if there is none. */
  readonly detail: string;
  readonly address?: string;
  readonly file?: string;
  readonly line?: number;
}

/** A parsed Terraform message, distinguished by Terraform's `type`. */
export type TerraformEvent =
  | VersionEvent
  | PlannedChangeEvent
  | ApplyStartEvent
  | ApplyEvent
  | ProvisionEvent
  | ProvisionProgressEvent
  | ChangeSummaryEvent
  | OutputsEvent
  | DiagnosticEvent;

const message = { '@message': z.string() };
const resource = z.object({ addr: z.string() });
const operation = z.object({ resource, action: z.string() });
const timedOperation = operation.extend({ elapsed_seconds: z.number() });
const provisioning = z.object({ resource, provisioner: z.string() });

// Properties of later minor versions of the format must be ignored, as z.object does.
// @see https://developer.hashicorp.com/terraform/internals/v1.11.x/machine-readable-ui
const eventSchema = z.discriminatedUnion('type', [
  z
    .object({
      ...message,
      type: z.literal('version'),
      terraform: z.string().optional(),
      tofu: z.string().optional(),
      ui: z.string(),
    })
    .transform(({ type, ui, terraform, tofu, '@message': text }): VersionEvent => ({
      type,
      message: text,
      product: tofu === undefined ? 'terraform' : 'opentofu',
      version: tofu ?? terraform ?? '',
      ui,
    })),
  z
    .object({
      ...message,
      type: z.literal('planned_change'),
      change: operation.extend({ reason: z.string().optional() }),
    })
    .transform(({ type, change, '@message': text }): PlannedChangeEvent => ({
      type,
      message: text,
      address: change.resource.addr,
      action: change.action,
      ...(change.reason !== undefined && { reason: change.reason }),
    })),
  z
    .object({ ...message, type: z.literal('apply_start'), hook: operation })
    .transform(({ type, hook, '@message': text }): ApplyStartEvent => ({
      type,
      message: text,
      address: hook.resource.addr,
      action: hook.action,
    })),
  z
    .object({
      ...message,
      type: z.enum(['apply_progress', 'apply_complete', 'apply_errored']),
      hook: timedOperation,
    })
    .transform(({ type, hook, '@message': text }): ApplyEvent => ({
      type,
      message: text,
      address: hook.resource.addr,
      action: hook.action,
      elapsedSeconds: hook.elapsed_seconds,
    })),
  z
    .object({
      ...message,
      type: z.enum(['provision_start', 'provision_complete', 'provision_errored']),
      hook: provisioning,
    })
    .transform(({ type, hook, '@message': text }): ProvisionEvent => ({
      type,
      message: text,
      address: hook.resource.addr,
      provisioner: hook.provisioner,
    })),
  z
    .object({
      ...message,
      type: z.literal('provision_progress'),
      hook: provisioning.extend({ output: z.string() }),
    })
    .transform(({ type, hook, '@message': text }): ProvisionProgressEvent => ({
      type,
      message: text,
      address: hook.resource.addr,
      provisioner: hook.provisioner,
      output: hook.output,
    })),
  z
    .object({
      ...message,
      type: z.literal('change_summary'),
      changes: z.object({
        operation: z.enum(['plan', 'apply', 'destroy']),
        add: z.number(),
        change: z.number(),
        remove: z.number(),
        // Added in Terraform 1.5.
        import: z.number().default(0),
      }),
    })
    .transform(({ type, changes, '@message': text }): ChangeSummaryEvent => ({
      type,
      message: text,
      ...changes,
    })),
  z
    .object({
      ...message,
      type: z.literal('outputs'),
      outputs: z.record(
        z.string(),
        z.object({ sensitive: z.boolean(), value: z.unknown().optional(), action: z.string().optional() }),
      ),
    })
    .transform(({ type, outputs, '@message': text }): OutputsEvent => ({
      type,
      message: text,
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, { sensitive, value, action }]) => [
          name,
          {
            sensitive,
            ...(value !== undefined && !sensitive && { value }),
            ...(action !== undefined && { action }),
          },
        ]),
      ),
    })),
  z
    .object({
      ...message,
      type: z.literal('diagnostic'),
      diagnostic: z.object({
        severity: z.string(),
        summary: z.string(),
        detail: z.string().default(''),
        address: z.string().optional(),
        range: z.object({ filename: z.string(), start: z.object({ line: z.number() }) }).nullish(),
      }),
    })
    .transform(({ type, diagnostic, '@message': text }): DiagnosticEvent => {
      const { range, address, ...rest } = diagnostic;
      return {
        type,
        message: text,
        ...rest,
        ...(address !== undefined && { address }),
        ...(range && { file: range.filename, line: range.start.line }),
      };
    }),
]);

/**
 * Parses a line of `terraform apply -json` (`plan`, `destroy`, `refresh`) of Terraform or OpenTofu. Returns undefined if
 * the line is not such a message, or if its type is not used. Never throws.
 */
export function parseUiLine(line: string): TerraformEvent | undefined {
  if (!line.startsWith('{')) {
    return undefined;
  }
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  return eventSchema.safeParse(json).data;
}
